"""Stripe behind `app.kernel.ports.PaymentGateway`.

A charge is announced and confirmed by two calls, so that its reference is ours before money moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import stripe
import structlog

from app.config import Settings
from app.kernel.errors import Forbidden, Unavailable
from app.kernel.money import Money
from app.kernel.ports import CardDeclined, PaymentIntent
from app.kernel.words import _

log = structlog.get_logger()

TIMEOUT = 10
BANK_PAGES = "https://hooks.stripe.com"
STATES = {
    "requires_confirmation": "created", "requires_action": "requires_action", "requires_capture": "processing",
    "processing": "processing", "succeeded": "paid", "canceled": "cancelled",
}


class StripeGateway:
    """Charges cards at Stripe, or at whatever speaks like it at `stripe_api`."""

    provider = "stripe"

    def __init__(self, settings: Settings) -> None:
        self.publishable_key = settings.stripe_publishable_key
        self.script_url = settings.stripe_js
        self._api = settings.stripe_api
        self._webhook_secret = settings.stripe_webhook_secret
        self._client = stripe.StripeClient(
            settings.stripe_secret_key or "sk_missing", base_addresses={"api": settings.stripe_api},
            http_client=stripe.RequestsClient(timeout=TIMEOUT), max_network_retries=0,
        )
        self.is_ready = bool(settings.stripe_secret_key and settings.stripe_publishable_key)

    @property
    def origins(self) -> dict[str, tuple[str, ...]]:
        """The script's home, the API, and the pages of banks that Stripe frames."""
        script, api = _origin(self.script_url), _origin(self._api)
        return {"script-src": (script,), "connect-src": (script, api), "frame-src": (script, BANK_PAGES)}

    def create(
        self, amount: Money, *, card_token: str, email: str | None, idempotency_key: str, metadata: dict[str, str]
    ) -> PaymentIntent:
        """See the port."""
        with _spoken():
            buyer = self._client.v1.customers.create(
                {"source": card_token, **({"email": email} if email else {})},
                {"idempotency_key": f"{idempotency_key}-buyer"},
            )
            intent = self._client.v1.payment_intents.create(
                {
                    "amount": amount.minor, "currency": amount.currency.lower(), "customer": buyer.id,
                    "payment_method": str(buyer.default_source), "metadata": metadata,
                },
                {"idempotency_key": idempotency_key},
            )
        return _read(intent)

    def confirm(self, reference: str, *, idempotency_key: str) -> PaymentIntent:
        """See the port; a charge that was given up meanwhile answers as it is."""
        with _spoken():
            try:
                intent = self._client.v1.payment_intents.confirm(reference, {}, {"idempotency_key": idempotency_key})
            except stripe.InvalidRequestError:
                return self.find(reference)
        return _read(intent)

    def find(self, reference: str) -> PaymentIntent:
        """See the port."""
        with _spoken():
            return _read(self._client.v1.payment_intents.retrieve(reference, {"expand": ["latest_charge"]}))

    def cancel(self, reference: str) -> PaymentIntent:
        """See the port."""
        with _spoken():
            try:
                return _read(self._client.v1.payment_intents.cancel(reference))
            except stripe.InvalidRequestError:  # decided already
                return self.find(reference)

    def refund(self, reference: str, amount: Money, *, idempotency_key: str) -> None:
        """See the port; asked first, so that even without the provider's memory of keys money goes back once.

        A refund bears its key, because parts of one charge may go back one after the other.
        """
        if self.find(reference).state == "refunded":
            return
        with _spoken():
            made = self._client.v1.refunds.list({"payment_intent": reference, "limit": 100})
            if any(_key_of(refund) == idempotency_key for refund in made.data):
                return
            self._client.v1.refunds.create(
                {"payment_intent": reference, "amount": amount.minor, "metadata": {"key": idempotency_key}},
                {"idempotency_key": idempotency_key},
            )

    def read_webhook(self, body: bytes, signature: str) -> PaymentIntent | None:
        """See the port."""
        try:
            event = stripe.Webhook.construct_event(body, signature, self._webhook_secret)
        except (ValueError, stripe.SignatureVerificationError):
            raise Forbidden(_("The signature of this message is not right.")) from None
        thing = event.data.object
        return _read(thing) if getattr(thing, "object", None) == "payment_intent" else None


def _read(intent: Any) -> PaymentIntent:
    return PaymentIntent(
        reference=intent.id, client_secret=intent.client_secret or "", state=_state(intent),
        amount=Money(int(intent.amount), intent.currency.upper()),
        metadata=intent.metadata.to_dict() if intent.metadata else {},
    )


def _key_of(refund: Any) -> str | None:
    return refund.metadata.to_dict().get("key") if refund.metadata else None


def _state(intent: Any) -> str:
    if intent.status == "requires_payment_method":
        return "failed" if intent.last_payment_error else "created"
    state = STATES.get(intent.status, "processing")
    charge = getattr(intent, "latest_charge", None)
    return "refunded" if state == "paid" and getattr(charge, "refunded", False) else state


@contextmanager
def _spoken() -> Iterator[None]:
    """Put what the provider raises into our own words."""
    try:
        yield
    except stripe.CardError as error:
        raise CardDeclined(_decline(error.code, getattr(error, "decline_code", None))) from None
    except stripe.StripeError as error:
        log.error("payment_provider_failed", error=type(error).__name__, message=str(error)[:300])
        raise Unavailable(
            _("The bank does not answer just now. Your order is safe: try again in a few minutes.")
        ) from None


def _decline(code: str | None, reason: str | None) -> str:
    """A sentence the person can act on; what the bank does not say, we do not guess."""
    sentences = {
        "insufficient_funds": _("There is not enough money on this card. Take another card or pay on delivery."),
        "expired_card": _("This card has expired. Take another one."),
        "incorrect_cvc": _("The three digits on the back of the card are not right. Enter the card once more."),
        "incorrect_number": _("The number of the card is not right. Enter the card once more."),
        "invalid_number": _("The number of the card is not right. Enter the card once more."),
    }
    told = sentences.get(reason or "") or sentences.get(code or "")
    return told or _("The bank declined this card. Take another card or pay on delivery.")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
