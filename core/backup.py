"""Backups: the database and the attachments in one file that says what it holds and proves it.

A backup is a gzipped tar with ``manifest.json`` (version, engine, time, rows per table, SHA-256 of every
file). Restoring reads and checks the whole file before it touches anything.
"""

import gzip
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from core import dumps, jobs
from core.dumps import BackupError
from core.models import JobRun

JOB = "core.backup"
KEEP = 14
"""So many backups are kept in the usual folder; older ones are deleted after a new one."""
_FORMAT = 1
_MANIFEST = "manifest.json"
_LEASE = timedelta(hours=6)
_PATTERN = "inventory-*.tar.gz"
_signs: list[type[Model]] = []


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    path: Path
    size: int
    rows: int
    files: int


def shows_use(model: type[Model]) -> None:
    """A row of this model shows that the installation is used: it is not replaced without ``force``."""
    if model not in _signs:
        _signs.append(model)


def make(folder: Path | None = None) -> Made | None:
    """Make a backup in ``folder`` (the usual one by default); None if one is being made.

    Others go on working meanwhile. Raises BackupError; the failure is recorded.
    """
    made: list[Made] = []

    def work() -> tuple[bool, Mapping[str, Any]]:
        made.append(_make(folder or settings.BACKUP_ROOT))
        if folder is None:
            _delete_old(settings.BACKUP_ROOT)
        newest = made[0]
        return True, {"file": newest.path.name, "bytes": newest.size, "rows": newest.rows}

    return made[0] if jobs.run(JOB, work, lease=_LEASE) else None


def last() -> JobRun | None:
    """The newest backup that succeeded."""
    return jobs.last(JOB, ok=True)


def read(path: Path, into: Path) -> dict[str, Any]:
    """Unpack a backup into an empty folder and check every byte; returns its manifest.

    Raises BackupError if the file is damaged, incomplete or none of ours.
    """
    if not path.is_file():
        raise BackupError(_("There is no file %(path)s.") % {"path": path})
    try:
        _unpack(path, into)
        manifest = json.loads((into / _MANIFEST).read_text())
        hashes: dict[str, str] = manifest["files"]
    except FileNotFoundError as error:
        raise BackupError(_("%(file)s is not a complete backup.") % {"file": path.name}) from error
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise BackupError(
            _("%(file)s is damaged or not a backup: %(error)s")
            % {"file": path.name, "error": error}
        ) from error
    found = {
        file.relative_to(into).as_posix(): _hash(file)
        for file in into.rglob("*")
        if file.is_file() and file.name != _MANIFEST
    }
    wrong = sorted(
        name for name in hashes.keys() | found.keys() if hashes.get(name) != found.get(name)
    )
    if wrong or manifest.get("format") != _FORMAT:
        raise BackupError(
            _("%(file)s is damaged: %(wrong)s is not what was backed up.")
            % {"file": path.name, "wrong": wrong[0] if wrong else _MANIFEST}
        )
    return dict(manifest)


def restore(path: Path, *, force: bool = False) -> dict[str, Any]:
    """Replace the database and bring back the attachments; returns the manifest.

    Refuses (BackupError) a damaged file, a backup of another engine, and a database that is in use
    unless ``force``. The schema is brought up to this version afterwards.
    """
    if not force and _in_use():
        raise BackupError(
            _(
                "This database is not empty. Restoring replaces all of it; say --force if you mean it."
            )
        )
    with tempfile.TemporaryDirectory(prefix="restore-") as temporary:
        folder = Path(temporary)
        manifest = read(path, folder)
        if manifest["engine"] != connection.vendor:
            raise BackupError(
                _("This is a backup of %(theirs)s; this installation runs on %(ours)s.")
                % {"theirs": manifest["engine"], "ours": connection.vendor}
            )
        dumps.load(folder / dumps.file_name())
        _bring_back(folder / "media")
    call_command("migrate", verbosity=0, interactive=False)
    JobRun.objects.filter(finished_at__isnull=True).update(finished_at=timezone.now())
    jobs.note("core.restore", ok=True, detail={"file": path.name, "made_at": manifest["made_at"]})
    return manifest


def _in_use() -> bool:
    """Whether there is anything in the database yet that somebody would miss."""
    tables = connection.introspection.table_names()
    return any(
        model._meta.db_table in tables and model._default_manager.exists() for model in _signs
    )


def _make(folder: Path) -> Made:
    now = timezone.now()
    path = folder / f"inventory-{now:%Y%m%d-%H%M%S}-{connection.vendor}.tar.gz"
    part = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as temporary:
            copy = Path(temporary) / dumps.file_name()
            counts = dumps.dump(copy)
            hashes = _pack(part, copy, now, counts)
        os.replace(part, path)
    except OSError as error:
        raise BackupError(
            _("The backup cannot be written: %(error)s") % {"error": error}
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return Made(path, path.stat().st_size, sum(counts.values()), len(hashes))


def _pack(part: Path, copy: Path, now: datetime, counts: dict[str, int]) -> dict[str, str]:
    """Write the archive, readable by us alone, to the disk; returns the hash of every file in it."""
    hashes: dict[str, str] = {}
    with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as raw:
        with (
            gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as packed,
            tarfile.open(fileobj=packed, mode="w") as tar,
        ):
            files = [(copy.name, copy), *_attachments()]
            for name, file in files:
                hashes[name] = _hash(file)
                tar.add(file, name)
            manifest = copy.with_name(_MANIFEST)
            manifest.write_text(
                json.dumps(
                    {
                        "format": _FORMAT,
                        "engine": connection.vendor,
                        "made_at": now.isoformat(),
                        "migrations": _migrations(),
                        "counts": counts,
                        "files": hashes,
                    },
                    indent=1,
                )
            )
            tar.add(manifest, _MANIFEST)
        raw.flush()
        os.fsync(raw.fileno())
    return hashes


def _attachments() -> list[tuple[str, Path]]:
    """What is kept below MEDIA_ROOT; a name with a dot first is a file that is just being written."""
    root = Path(settings.MEDIA_ROOT)
    return [
        (f"media/{file.relative_to(root).as_posix()}", file)
        for file in sorted(root.rglob("*"))
        if file.is_file() and not file.is_symlink() and not file.name.startswith(".")
    ]


def _bring_back(media: Path) -> None:
    """Put the attachments where they belong; what is there already and has another name stays."""
    for file in sorted(media.rglob("*")):
        if file.is_file():
            target = Path(settings.MEDIA_ROOT) / file.relative_to(media)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _migrations() -> list[str]:
    """The newest migration of each app: the version of the schema."""
    from django.db.migrations.recorder import MigrationRecorder

    newest = dict(sorted(MigrationRecorder(connection).applied_migrations()))
    return [f"{app}.{name}" for app, name in sorted(newest.items())]


def _unpack(path: Path, into: Path) -> None:
    """Write the regular files of the archive below ``into``, whatever their names pretend."""
    with tarfile.open(path, mode="r:gz") as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            if not member.isfile() or name.is_absolute() or ".." in name.parts:
                raise tarfile.TarError(member.name)
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            source = tar.extractfile(member)
            if source is not None:
                with source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)


def _hash(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _delete_old(folder: Path) -> None:
    for path in sorted(folder.glob(_PATTERN), reverse=True)[KEEP:]:
        path.unlink(missing_ok=True)
