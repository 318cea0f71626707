"""Leaving root behind: PostgreSQL refuses to run under it, and Valkey need not.

Under root the servers run as a system user of their own. What lies out of that user's reach, such
as a checkout in `/root`, is kept or copied under `/var/lib/zveno`; no permission is ever widened.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SERVICE_USER = "zveno"
SHARED_ROOT = Path("/var/lib/zveno")


class EmbeddedError(RuntimeError):
    """The server could not be started; the message says why, with the end of its log."""


def dropped() -> dict[str, Any]:
    """Arguments of `subprocess` that leave root behind: PostgreSQL refuses to run under it."""
    if os.geteuid() != 0:
        return {}
    user = _service_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _service_user() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam(SERVICE_USER)
    command = [
        "useradd",
        "--system",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        SERVICE_USER,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    with suppress(KeyError):
        return pwd.getpwnam(SERVICE_USER)
    raise EmbeddedError(
        f"The system user {SERVICE_USER!r} that PostgreSQL needs under root could not be made: {done.stderr}"
    )


def give_to_service(path: Path) -> None:
    """Make the service user the owner, where we are root."""
    if os.geteuid() == 0:
        user = _service_user()
        os.chown(path, user.pw_uid, user.pw_gid)


def make_private(directory: Path) -> None:
    """A new directory that only the server may enter."""
    directory.mkdir(mode=0o700)
    give_to_service(directory)


def reachable(path: Path) -> bool:
    """May the service user go there and read? Asked of the system itself, as that user."""
    return subprocess.run(["test", "-r", str(path)], cwd="/", **dropped()).returncode == 0


@contextmanager
def readable_by_service(text: str) -> Iterator[Path]:
    """A short-lived file that only the server's user may read."""
    with tempfile.NamedTemporaryFile("w", prefix="zveno-") as file:
        file.write(text)
        file.flush()
        give_to_service(Path(file.name))
        yield Path(file.name)


def installed(module: str, distribution: str) -> Path:
    """The folder of a package, or of its copy where it lies out of the service user's reach."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"{distribution} is not installed: pip install 'zveno[demo]', or configure an address.")
    source = Path(spec.origin).parent
    if reachable(source / "__init__.py"):
        return source
    copy = SHARED_ROOT / f"{distribution}-{version(distribution)}"
    if not copy.exists():
        _copy_package(source, copy)
    return copy / module


def _copy_package(source: Path, copy: Path) -> None:
    """With the libraries a wheel keeps beside its package; seen by others only when complete."""
    SHARED_ROOT.mkdir(mode=0o755, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=SHARED_ROOT))
    partial.chmod(0o755)
    for folder in (source, source.with_name(f"{source.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, partial / folder.name, symlinks=True)
    partial.rename(copy)
