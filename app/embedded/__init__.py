"""PostgreSQL and Valkey out of wheels, for a machine where no address of either is configured.

Both servers have one small interface: `start()` returns the address, `stop()` ends the server,
`running()` tells whether it serves, `pid` is its process. They listen on 127.0.0.1 only, on a port
and with a password kept in their directory, so a restart keeps its address.

Whoever holds the lock of the directory owns the server and ends it. A second process that starts
the same directory is a guest: it gets the address, and its `stop()` leaves the server alone. A
server left behind by an owner that died is adopted; a crashed one recovers by starting again.

The system's own PostgreSQL and Valkey are never touched.
"""

from app.embedded.postgres import EmbeddedPostgres
from app.embedded.server import EmbeddedError, EmbeddedServer
from app.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedError", "EmbeddedPostgres", "EmbeddedServer", "EmbeddedValkey"]
