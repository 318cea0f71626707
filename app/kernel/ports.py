"""What a lower subsystem needs of a higher one, named as a Protocol; the factory joins them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from app.kernel.errors import Refused
from app.kernel.money import Money


class CardDeclined(Refused):
    """The bank refuses this card; the sentence says what the person can do."""


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A provider's promise to charge: its reference, the secret the page needs, its state and amount.

    `state` is one of `created`, `requires_action` (the person must confirm at his bank), `processing`,
    `paid`, `failed`, `cancelled`, `refunded`. `metadata` are our own words, given back.
    """

    reference: str
    client_secret: str
    state: str
    amount: Money
    metadata: dict[str, str] = field(default_factory=dict)


class PaymentGateway(Protocol):
    """Charges cards. Every call may raise `app.kernel.errors.Unavailable`; the same key answers the same effect."""

    @property
    def provider(self) -> str:
        """Its name in our rows."""

    @property
    def is_ready(self) -> bool:
        """Whether this network takes cards at all."""

    @property
    def publishable_key(self) -> str:
        """Key the page may know."""

    @property
    def script_url(self) -> str:
        """Address of the provider's script for the page."""

    @property
    def origins(self) -> dict[str, tuple[str, ...]]:
        """What the page must be allowed to load: sources by directive of the content security policy."""

    def create(
        self, amount: Money, *, card_token: str, email: str | None, idempotency_key: str, metadata: dict[str, str]
    ) -> PaymentIntent:
        """Announce a charge of a card without charging it; `CardDeclined` when the card is refused already."""

    def confirm(self, reference: str, *, idempotency_key: str) -> PaymentIntent:
        """Charge it; `CardDeclined` when the bank refuses."""

    def find(self, reference: str) -> PaymentIntent:
        """The intent as the provider knows it now."""

    def cancel(self, reference: str) -> PaymentIntent:
        """Give the charge up if it is not decided; answers the intent as it then is."""

    def refund(self, reference: str, amount: Money, *, idempotency_key: str) -> None:
        """Give money of a charge back, all or a part, once for each key."""

    def read_webhook(self, body: bytes, signature: str) -> PaymentIntent | None:
        """The intent a signed webhook speaks of, None when it concerns none; `Forbidden` when the signature is bad."""


_ports: dict[type, object] = {}
_makers: dict[type, Callable[[], object]] = {}


def provide(port: type, implementation: object) -> None:
    """Join a port with what implements it."""
    _ports[port] = implementation


def provide_later(port: type, make: Callable[[], object]) -> None:
    """Join a port with what `make` answers when it is first asked for: libraries of the outside are slow to import."""
    _ports.pop(port, None)
    _makers[port] = make


def payment_gateway() -> PaymentGateway:
    """The gateway the factory joined."""
    if PaymentGateway not in _ports:
        _ports[PaymentGateway] = _makers[PaymentGateway]()
    return _ports[PaymentGateway]  # type: ignore[return-value]
