"""The card acquirer of the demo: localstripe, a Stripe emulator, kept to this machine.

`python -m app.demo.payments --port N --dir DIR [--webhook URL --secret SECRET]` serves it on
127.0.0.1 and keeps its objects in DIR, so payments of yesterday can be refunded today.

In a page
---------
Load `{base}/js.stripe.com/v3/` (the Content-Security-Policy needs `{base}` in `script-src` and
`connect-src`). It prints plain inputs number, exp_month, exp_year, cvc, postal_code in place of
Stripe's frame; `card_labels.js` gives them labels and `data-field`. What of Stripe's library works there:

    const stripe = Stripe(publishableKey);                 // any "pk_..."
    const card = stripe.elements().create("card");
    card.mount("#card");
    const {token, error} = await stripe.createToken(card); // then post token.id to the server
    // after the server answered that the intent is `requires_action`:
    const {paymentIntent, error} = await stripe.confirmCardPayment(clientSecret);

`createPaymentMethod` does nothing here, and `confirmCardPayment` always asks for 3-D Secure, so it
is called for `requires_action` only, never to send the card. There is no Payment Element.

On the server
-------------
    stripe = StripeClient("sk_test_...", base_addresses={"api": base})
    buyer = stripe.v1.customers.create({"email": ..., "source": token_id})     # 402 if declined
    intent = stripe.v1.payment_intents.create({"amount": ..., "currency": "rub",
        "customer": buyer.id, "payment_method": buyer.default_source, "metadata": {...}})
    stripe.v1.payment_intents.confirm(intent.id)                               # 402 if declined

The intent is made and confirmed by two calls, because a decline in `create(confirm=True)` raises
without telling the intent's id. A declined intent is spent: make a new one. An intent whose 3-D
Secure failed takes another `payment_method` by `update` and is confirmed again.
`capture_method="manual"`, `capture`, `cancel` and `refunds.create({"payment_intent": id})` work.

Cards (sixteen digits, any month, a year to come, any three digits of cvc)
-------------------------------------------------------------------------
    4242 4242 4242 4242   pays
    4000 0000 0000 3220   asks for 3-D Secure, then pays (or fails when the person refuses)
    4000 0000 0000 0002   declined when the customer takes it; without a customer it would pay
    4000 0000 0000 0341   the customer takes it, declined when it is charged
    4000 0084 0000 1629   asks for 3-D Secure, then declined

Webhooks
--------
`payment_intent.succeeded` and `payment_intent.payment_failed` come a second later, once, signed as
`stripe.Webhook.construct_event` expects; nothing repeats a lost one, and refunds, cancellations and
failed 3-D Secure send none: ask with `payment_intents.retrieve`. They go to every address that
`configure_webhook` registered; registrations live as long as the process.

It lacks
--------
Checkout, Prices, Connect, `payment_method_data`, idempotency keys (the header is ignored), and any
argument of an intent but amount, currency, customer, payment_method, metadata,
payment_method_types, capture_method, payment_method_options: others are answered 400.
"""

import argparse
import asyncio
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import requests
from aiohttp import web
from localstripe.resources import Store, store
from localstripe.server import app as emulator
from localstripe.webhooks import register_webhook

HOST = "127.0.0.1"
SAVE_EVERY = 1.0
CARD_LABELS = Path(__file__).with_name("card_labels.js")
EVENTS = ["payment_intent.succeeded", "payment_intent.payment_failed"]


def configure_webhook(base_url: str, target_url: str, secret: str, name: str = "zveno") -> None:
    """Have the running emulator send its events to `target_url`, signed with `secret`.

    `name` tells registrations apart: the same name again replaces the address.
    """
    answer = requests.post(
        f"{base_url}/_config/webhooks/{name}",
        json={"url": target_url, "secret": secret, "events": EVENTS},
        timeout=5,
    )
    answer.raise_for_status()


@web.middleware
async def label_card(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Let the card form be one that people can read."""
    response = await handler(request)
    if request.path == "/js.stripe.com/v3/" and isinstance(response, web.Response):
        response.text = f"{response.text}\n{CARD_LABELS.read_text(encoding='utf-8')}"
    return response


class ObjectFile:
    """Keeps the emulator's objects in a file of ours rather than one in `/tmp` that all share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_stale = False

    def attach(self) -> None:
        """Take the place of the emulator's own saving, which rewrites all at each change."""
        Store.dump_to_disk = lambda _: self._mark()
        with suppress(FileNotFoundError):
            store.update(pickle.loads(self.path.read_bytes()))
        emulator.cleanup_ctx.append(self._save_while_serving)

    def save(self) -> None:
        """Write what changed since the last time, all at once."""
        if self.is_stale:
            self.is_stale = False
            fresh = self.path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_bytes(pickle.dumps(dict(store), pickle.HIGHEST_PROTOCOL))
            fresh.replace(self.path)

    def _mark(self) -> None:
        self.is_stale = True

    async def _save_while_serving(self, _: web.Application) -> AsyncIterator[None]:
        saving = asyncio.create_task(self._save_regularly())
        yield
        saving.cancel()
        self.save()

    async def _save_regularly(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self.save()


def main() -> None:
    """Serve the emulator until told to end."""
    parser = argparse.ArgumentParser(description="The demo's card acquirer")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True, help="where its objects are kept")
    parser.add_argument("--webhook", help="the address that hears its events")
    parser.add_argument("--secret", help="the secret that signs them")
    options = parser.parse_args()
    options.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    ObjectFile(options.dir / "payments.pickle").attach()
    emulator.middlewares.append(label_card)
    if options.webhook:
        register_webhook("zveno", options.webhook, options.secret, EVENTS)
    web.run_app(emulator, host=HOST, port=options.port, print=lambda _: None)


if __name__ == "__main__":
    main()
