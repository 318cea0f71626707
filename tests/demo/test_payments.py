"""What the payments' docstring promises about cards and webhooks, by Stripe's own library."""

import http.server
import queue
import socket
import sys
import threading
from collections.abc import Iterator

import pytest
import requests
import stripe

from app.demo.payments import configure_webhook
from app.demo.supervisor import Process, tcp

SECRET = "whsec_of_the_test"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("payments")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app.demo.payments", "--port", str(port), "--dir", str(home)]
    process = Process("payments", command, home, ready=tcp(port))
    process.start()
    yield f"http://127.0.0.1:{port}"
    process.stop()
    assert (home / "payments.pickle").exists()


@pytest.fixture
def client(base: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_12345", base_addresses={"api": base})


def token(base: str, number: str) -> str:
    """What `stripe.createToken` does in a page."""
    card = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
    form = {f"card[{name}]": value for name, value in card.items()}
    answer = requests.post(f"{base}/v1/tokens", data={**form, "key": "pk_test_1"}, timeout=5)
    return str(answer.json()["id"])


def pay(client: stripe.StripeClient, base: str, number: str) -> stripe.PaymentIntent:
    buyer = client.v1.customers.create({"email": "anna@example.ru", "source": token(base, number)})
    assert isinstance(buyer.default_source, str)
    intent = client.v1.payment_intents.create(
        {"amount": 123450, "currency": "rub", "customer": buyer.id, "payment_method": buyer.default_source}
    )
    return client.v1.payment_intents.confirm(intent.id)


def authenticate(base: str, intent: stripe.PaymentIntent, success: bool) -> str | None:
    """What `stripe.confirmCardPayment` does when the person answers."""
    address = f"{base}/v1/payment_intents/{intent.id}/_authenticate?success={str(success).lower()}"
    body = {"key": "pk_test_1", "client_secret": intent.client_secret}
    return requests.post(address, json=body, timeout=5).json().get("status")


def test_good_card_pays_and_is_refunded(client: stripe.StripeClient, base: str) -> None:
    intent = pay(client, base, "4242424242424242")
    assert intent.status == "succeeded"
    assert client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"


@pytest.mark.parametrize(("agrees", "status"), [(True, "succeeded"), (False, "requires_payment_method")])
def test_card_with_3d_secure(client: stripe.StripeClient, base: str, agrees: bool, status: str) -> None:
    intent = pay(client, base, "4000000000003220")
    assert intent.status == "requires_action"
    assert authenticate(base, intent, agrees) == status


@pytest.mark.parametrize("number", ["4000000000000002", "4000000000000341"])
def test_bad_card_is_declined(client: stripe.StripeClient, base: str, number: str) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay(client, base, number)
    assert refusal.value.code == "card_declined"


def test_webhook_is_signed_and_only_of_intents(client: stripe.StripeClient, base: str) -> None:
    heard: queue.Queue[stripe.Event] = queue.Queue()

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.put(stripe.Webhook.construct_event(body, self.headers["Stripe-Signature"], SECRET))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Ear) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        configure_webhook(base, f"http://127.0.0.1:{server.server_port}/", SECRET)
        intent = pay(client, base, "4242424242424242")
        while (event := heard.get(timeout=10)).data.object.id != intent.id:
            assert event.type.startswith("payment_intent.")
        server.shutdown()
    assert event.type == "payment_intent.succeeded"
