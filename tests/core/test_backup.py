"""Backups come back equal, and a damaged one is refused before anything is touched."""

import gzip
import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from core import backup, dumps, jobs
from core.models import OutboxRow
from people.models import Company, User


@pytest.fixture(autouse=True)
def _folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BACKUP_ROOT = tmp_path / "backups"


def _live(settings: Settings) -> None:
    company = Company.objects.create(code="B", name="Бэкап 备份")
    User.objects.create_user(username="u", password="x", name="u")
    assert company.pk
    file = Path(settings.MEDIA_ROOT) / "photos" / "破损.jpg"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\x00\x01damage")


def _rewrite(path: Path, change: str, content: bytes | None) -> None:
    """Change one file of a backup, or leave it out."""
    files: dict[str, bytes] = {}
    with tarfile.open(path) as tar:
        for member in tar:
            found = tar.extractfile(member)
            assert found is not None
            files[member.name] = found.read()
    if content is None:
        del files[change]
    else:
        files[change] = content
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, BytesIO(data))


@pytest.mark.django_db(transaction=True)
class TestBackup:
    """On the engine of this lane."""

    def test_a_round_trip_brings_everything_back(self, settings: Settings) -> None:
        _live(settings)
        made = backup.make()
        assert made is not None
        assert made.path.stat().st_mode & 0o077 == 0
        last = backup.last()
        assert last is not None
        assert last.detail["file"] == made.path.name
        Company.objects.filter(code="B").update(name="changed")
        User.objects.create_user(username="later", password="x", name="later")
        photo = Path(settings.MEDIA_ROOT) / "photos" / "破损.jpg"
        photo.unlink()
        call_command("restore", str(made.path), "--force")
        assert Company.objects.get(code="B").name == "Бэкап 备份"
        assert list(User.objects.values_list("username", flat=True)) == ["u"]
        assert photo.read_bytes() == b"\x00\x01damage"
        assert jobs.last("core.restore") is not None
        assert jobs.running(backup.JOB) is None
        assert jobs.last("stock.verify") is not None

    def test_a_database_in_use_is_not_replaced_without_force(self, settings: Settings) -> None:
        _live(settings)
        made = backup.make()
        assert made is not None
        with pytest.raises(CommandError, match="--force"):
            call_command("restore", str(made.path))
        User.objects.all().delete()
        with pytest.raises(
            CommandError, match="--force"
        ):  # a company may be loaded before its users
            call_command("restore", str(made.path))
        Company.objects.all().delete()
        call_command("restore", str(made.path))
        assert User.objects.count() == 1

    def test_what_cannot_be_read_or_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("backup", "--to", str(tmp_path / "file" / "folder"))
        with pytest.raises(CommandError, match=r"There is no file .*gone\.tar\.gz"):
            call_command("restore", str(tmp_path / "gone.tar.gz"), "--force")

    @pytest.mark.parametrize(
        "damage", ["cut", "byte", "not gzip", "file", "missing", "extra", "up"]
    )
    def test_a_damaged_backup_changes_nothing(self, settings: Settings, damage: str) -> None:
        _live(settings)
        made = backup.make()
        assert made is not None
        path = made.path
        content = path.read_bytes()
        if damage == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif damage == "byte":
            middle = len(content) // 2
            path.write_bytes(
                content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
            )
        elif damage == "not gzip":
            path.write_bytes(b"no backup")
        else:
            name, data = {
                "file": ("media/photos/破损.jpg", b"another"),
                "missing": (dumps.file_name(), None),
                "extra": ("media/virus.exe", b"x"),
                "up": ("../outside", b"x"),
            }[damage]
            _rewrite(path, name, data)
        Company.objects.filter(code="B").update(name="now")
        with pytest.raises(backup.BackupError):
            backup.restore(path, force=True)
        assert Company.objects.get(code="B").name == "now"
        assert not (path.parent.parent / "outside").exists()

    def test_a_backup_of_another_engine_is_refused(self, settings: Settings) -> None:
        _live(settings)
        made = backup.make()
        assert made is not None
        with tarfile.open(made.path) as tar:
            found = tar.extractfile("manifest.json")
            assert found is not None
            manifest = json.loads(found.read())
        assert manifest["counts"]["people_company"] == Company.objects.count()
        manifest["engine"] = "oracle"
        _rewrite(made.path, "manifest.json", json.dumps(manifest).encode())
        with pytest.raises(backup.BackupError, match="oracle"):
            backup.restore(made.path, force=True)

    def test_a_backup_that_fails_is_recorded_and_leaves_no_file(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_target: Path) -> dict[str, int]:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(dumps, "dump", full)
        with pytest.raises(backup.BackupError, match="No space"):
            backup.make()
        failed = jobs.last(backup.JOB)
        assert failed is not None
        assert not failed.ok
        assert list(Path(settings.BACKUP_ROOT).iterdir()) == []

    def test_old_backups_go(self, settings: Settings) -> None:
        folder = Path(settings.BACKUP_ROOT)
        folder.mkdir()
        for day in range(1, 20):
            (folder / f"inventory-202001{day:02}-000000-x.tar.gz").write_bytes(gzip.compress(b""))
        assert backup.make() is not None
        names = sorted(path.name for path in folder.iterdir())
        assert len(names) == backup.KEEP
        assert "inventory-20200107-000000-x.tar.gz" in names

    def test_the_command_tells_where(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        OutboxRow.objects.all().delete()
        call_command("backup", "--to", str(tmp_path / "here"), "--format", "json")
        answer = json.loads(capsys.readouterr().out)
        assert Path(answer["file"]).parent == tmp_path / "here"
        assert answer["bytes"] == Path(answer["file"]).stat().st_size


@pytest.mark.postgres
class TestBackupPostgres(TestBackup):
    """The same on PostgreSQL, with pg_dump and pg_restore."""

    def test_missing_programs_are_named(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dumps.shutil, "which", lambda _name: None)
        with pytest.raises(backup.BackupError, match="pg_dump is not installed"):
            backup.make()
        assert connection.vendor == "postgresql"
