"""The one client that opens an address somebody gave: https, a public machine, that very machine, no further than it.

A name is resolved once, every address it has must be public, and the connection goes to the one that was judged, so
nothing can point elsewhere in between. Redirects are answers like any other, bodies are read to a limit and thrown
away, and the whole takes no longer than `TOTAL`.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.kernel.errors import Invalid
from app.kernel.words import _

LONGEST = 2000
PART, TOTAL = 5.0, 10.0
"""Seconds one step may take, and all of them together."""
MOST_READ = 64 * 1024
HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?")
"""A name whose last part begins with a letter, so that no way of writing a number is one."""
PLAIN = re.compile(r"[!-~]+")
CARRIERS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48"))
"""Ranges of IPv6 whose last four bytes are an address of IPv4 behind a translator."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BadAddress(Invalid):
    """An address the house does not open."""


class Unreachable(Exception):
    """Nobody answered; `code` says why: `name`, `address`, `connect`, `tls`, `time` or `answer`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Target:
    """An address in its parts, judged but not resolved yet."""

    is_secure: bool
    host: str
    port: int
    path: str


def read_address(text: str, *, allow_private: bool = False) -> Target:
    """The parts of an `https://` address, or `BadAddress` with a sentence; `http://` only where private ones may be."""
    try:
        parts = urlsplit(text)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        raise _bad() from None
    schemes = ("https", "http") if allow_private else ("https",)
    is_odd = parts.username is not None or parts.password is not None or parts.fragment or "\\" in text or "#" in text
    is_odd = bool(is_odd) or len(text) > LONGEST or _has_odd_signs(parts.path, parts.query) or text != text.strip()
    if parts.scheme not in schemes or is_odd or not host:
        raise _bad()
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(is_secure, host, port or (443 if is_secure else 80), path)
    if (literal := _literal(host)) and not (allow_private or is_public(literal)):
        raise BadAddress(_("This address leads into a private network, which is never opened from here."), field="url")
    return target


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and any(address in net for net in CARRIERS):
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None or address.scope_id:
            return inner is not None and not address.scope_id and is_public(inner)
        if address.packed[:12] == b"\0" * 12:
            return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not is_special


def send(
    target: Target, body: bytes, headers: Mapping[str, str], *, allow_private: bool = False
) -> int:
    """POST the body there and answer the status, whatever it is; `Unreachable` when there is none."""
    address = _resolve(target, allow_private)
    try:
        raw = socket.create_connection((str(address), target.port), timeout=PART)
    except TimeoutError:
        raise Unreachable("time") from None
    except OSError:
        raise Unreachable("connect") from None
    clock = threading.Timer(TOTAL, _cut, (raw,))
    clock.start()
    try:
        return _talk(raw, target, body, headers)
    except ssl.SSLError:
        raise Unreachable("tls") from None
    except TimeoutError:
        raise Unreachable("time") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise Unreachable("answer") from None
    finally:
        clock.cancel()
        raw.close()


def _talk(raw: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    connection = http.client.HTTPConnection(target.host, target.port, timeout=PART)
    connection.sock = (
        ssl.create_default_context().wrap_socket(raw, server_hostname=target.host) if target.is_secure else raw
    )
    with connection.sock:
        connection.request("POST", target.path, body=body, headers={**headers, "Connection": "close"})
        answer = connection.getresponse()
        answer.read(MOST_READ)
        return answer.status


def _resolve(target: Target, allow_private: bool) -> Address:
    """The machine the name means now; one address of it that is not public spoils them all."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0])) for entry in found]
    except (OSError, ValueError, UnicodeError):
        raise Unreachable("name") from None
    if not addresses or not (allow_private or all(map(is_public, addresses))):
        raise Unreachable("address")
    return addresses[0]


def _cut(raw: socket.socket) -> None:
    try:
        raw.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _host(text: str) -> str:
    """The host in the letters a resolver takes: names of other alphabets in their ASCII form; empty when it is none."""
    if ":" in text:
        return text if _literal(text) else ""
    host = text if text.isascii() else text.encode("idna").decode()
    host = host.lower().rstrip(".")
    return host if _literal(host) or HOST.fullmatch(host) else ""


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _has_odd_signs(*parts: str) -> bool:
    return any(part and not PLAIN.fullmatch(part) for part in parts)


def _bad() -> BadAddress:
    sentence = _("Write a whole address that begins with https://, without a name or password in it.")
    return BadAddress(sentence, field="url")
