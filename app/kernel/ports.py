"""What a lower subsystem needs of a higher one, named as a Protocol; the factory joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.kernel.money import Money


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A provider's promise to charge: its reference, the secret the page needs, its state and amount.

    `state` is one of `created`, `processing`, `paid`, `failed`, `cancelled`, `refunded`.
    """

    reference: str
    client_secret: str
    state: str
    amount: Money
    metadata: dict[str, str]


class PaymentGateway(Protocol):
    """Charges cards. Every call may raise `app.kernel.errors.Unavailable`."""

    @property
    def publishable_key(self) -> str:
        """Key the page may know."""

    @property
    def script_url(self) -> str:
        """Address of the provider's script for the page."""

    def create(self, amount: Money, *, idempotency_key: str, metadata: dict[str, str]) -> PaymentIntent:
        """Announce a charge; the same key answers the same intent."""

    def find(self, reference: str) -> PaymentIntent:
        """The intent as the provider knows it now."""

    def refund(self, reference: str, amount: Money, *, idempotency_key: str) -> str:
        """Give money back; answers the refund's reference."""

    def read_webhook(self, body: bytes, signature: str) -> tuple[str, str] | None:
        """(event id, intent reference) of a signed webhook, None when it concerns no intent."""


_ports: dict[type, object] = {}


def provide(port: type, implementation: object) -> None:
    """Join a port with what implements it; called by the factory."""
    _ports[port] = implementation


def payment_gateway() -> PaymentGateway:
    """The gateway the factory joined."""
    return _ports[PaymentGateway]  # type: ignore[return-value]
