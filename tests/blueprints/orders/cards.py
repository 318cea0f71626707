"""The acquirer of the tests: the emulator in a process of its own, and what a page does with a card there."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from app.config import Settings
from app.demo.supervisor import Process, tcp
from app.kernel.ports import PaymentGateway, payment_gateway, provide
from blueprints.integrations.payments.gateway import StripeGateway

GOOD, WITH_3DS, DECLINED_AT_ONCE, DECLINED_WHEN_CHARGED = (
    "4242424242424242", "4000000000003220", "4000000000000002", "4000000000000341",
)
SECRET = "whsec_of_the_tests"


@contextmanager
def running_bank(home: Path) -> Iterator[str]:
    """The emulator; answers its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app.demo.payments", "--port", str(port), "--dir", str(home)]
    process = Process("payments", command, home, ready=tcp(port))
    process.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stop()


@contextmanager
def joined(settings: Settings, base: str) -> Iterator[None]:
    """The emulator at this address as the house's payment gateway."""
    before = payment_gateway()
    provide(PaymentGateway, StripeGateway(replace(
        settings, stripe_secret_key="sk_test_12345", stripe_publishable_key="pk_test_1", stripe_api=base,
        stripe_js=f"{base}/js.stripe.com/v3/", stripe_webhook_secret=SECRET,
    )))
    try:
        yield
    finally:
        provide(PaymentGateway, before)


def token(base: str, number: str) -> str:
    """What the card element makes of a card."""
    card = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
    form = {f"card[{name}]": value for name, value in card.items()}
    return str(requests.post(f"{base}/v1/tokens", data={**form, "key": "pk_test_1"}, timeout=5).json()["id"])


def answer_bank(base: str, reference: str, *, agrees: bool) -> None:
    """What the person does at his bank."""
    secret = payment_gateway().find(reference).client_secret
    address = f"{base}/v1/payment_intents/{reference}/_authenticate?success={str(agrees).lower()}"
    requests.post(address, json={"key": "pk_test_1", "client_secret": secret}, timeout=5)


def signed(event: dict[str, Any], secret: str = SECRET) -> tuple[bytes, str]:
    """Body and signature of a webhook, as the provider makes them."""
    body, at = json.dumps(event).encode(), int(time.time())
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={digest}"
