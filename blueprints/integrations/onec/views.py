"""The one address 1C is given, `/exchange/1c`: `type` and `mode` say what it wants, plain text answers it.

`type=catalog`: checkauth, init, file, import, complete. `type=sale`: checkauth, init, query, success; files that 1C
sends back about orders (`file`, `import`) are received and left aside: an order's state is decided at the desk.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, make_response, request

from app.kernel.clock import now
from app.kernel.errors import Forbidden, HouseError, Invalid, NotFound
from app.kernel.words import _
from app.web.access import Section
from app.web.here import here, mark_failed
from app.web.limits import limiter, tenant_and_address
from blueprints.accounts.errors import WrongPassword
from blueprints.catalog.importing import queries, service, storage
from blueprints.catalog.importing.perform import CATALOGUE, STOCK
from blueprints.catalog.models import ImportRun
from blueprints.catalog.wording import summary
from blueprints.integrations.onec import orders
from blueprints.integrations.onec.sessions import COOKIE, current_exchange, safe, sign_in

exchange = Section("exchange", __name__)

FILE_LIMIT = 16 * 1024 * 1024
TRIES_OF_USER, TRIES_OF_ADDRESS = "10 per minute; 60 per hour", "30 per minute; 300 per hour"


class UnknownMode(Invalid):
    """1C asks for something we do not do."""


class FileMissing(NotFound):
    """1C asks to take in a file it has not sent."""


def _user() -> str:
    given = request.authorization
    return f"{here().id}:{(given.username or '').lower()[:254] if given else ''}"


def _is_refusal(response: Response) -> bool:
    return response.status_code == 401


@exchange.route("/1c", methods=["GET", "POST"], access="anyone")
@limiter.shared_limit(TRIES_OF_USER, scope="exchange-user", key_func=_user, deduct_when=_is_refusal)
@limiter.shared_limit(TRIES_OF_ADDRESS, scope="exchange-address", key_func=tenant_and_address, deduct_when=_is_refusal)
def onec() -> Response:
    """One call of an exchange. 1C shows its user what follows `failure`."""
    kind, mode = request.args.get("type", ""), request.args.get("mode", "")
    try:
        answer = MODES.get((kind, mode))
        if answer is None:
            asked = f"{kind[:20]} {mode[:20]}"
            raise UnknownMode(_("The exchange does not know what %(asked)s is.", asked=asked))
        return answer()
    except (WrongPassword, Forbidden) as error:
        return _refuse(error)
    except HouseError as error:
        mark_failed()
        return _say("failure", str(error.sentence))


def check_auth() -> Response:
    """Sign in; the answer names a cookie to send along with every further call."""
    kind = request.args["type"]
    scope = "orders:read" if kind == "sale" else "catalogue:write" if here().is_hq else "stock:write"
    return _say("success", COOKIE, sign_in(kind, scope))


def begin() -> Response:
    """What we can take: archives, in chunks of so many bytes."""
    current_exchange().begin()
    return _say("zip=yes", f"file_limit={FILE_LIMIT}")


def receive() -> Response:
    """A chunk of a file."""
    current_exchange().receive(request.args.get("filename", ""), request.stream)
    return _say("success")


def take_in() -> Response:
    """Take a file in; 1C asks again and again until it is done or refused."""
    session, name = current_exchange(), safe(request.args.get("filename", ""))
    run = queries.find_run_of(session.id, name)
    if run is None:
        run = _start(session.id, session.actor, name)
    return _say(*_standing(run))


def leave_aside() -> Response:
    """Receive what 1C tells of orders, and do nothing with it."""
    current_exchange()
    while request.stream.read(storage.CHUNK):
        pass
    return _say("success")


def finish() -> Response:
    """1C is done with its catalogue; everything was taken in file by file."""
    current_exchange()
    return _say("success")


def send_orders() -> Response:
    """Orders 1C has not confirmed yet."""
    session, at = current_exchange(), now()
    waiting = orders.waiting_orders(at)
    session.note_sent([order.id for order in waiting], at)
    body = orders.document(waiting, at=at, zone=here().timezone)
    return make_response(body, 200, {"Content-Type": "text/xml; charset=utf-8", "Cache-Control": "no-store"})


def orders_arrived() -> Response:
    """1C has the orders it was last sent."""
    sent = current_exchange().sent()
    if sent is not None:
        orders.confirm(*sent)
    return _say("success")


MODES: dict[tuple[str, str], Callable[[], Response]] = {
    ("catalog", "checkauth"): check_auth,
    ("catalog", "init"): begin,
    ("catalog", "file"): receive,
    ("catalog", "import"): take_in,
    ("catalog", "complete"): finish,
    ("catalog", "deactivate"): finish,
    ("sale", "checkauth"): check_auth,
    ("sale", "init"): begin,
    ("sale", "query"): send_orders,
    ("sale", "success"): orders_arrived,
    ("sale", "file"): leave_aside,
    ("sale", "import"): leave_aside,
}


def _start(session: str, actor: str, name: str) -> ImportRun:
    try:
        with storage.exchanged(storage.exchange_folder(session), name):
            pass
    except FileNotFoundError:
        raise FileMissing(_("The file %(name)s has not come. Send it first.", name=name[:80])) from None
    purpose = CATALOGUE if here().is_hq else STOCK
    return service.start_exchanged(session=session, name=name, purpose=purpose, started_by=actor, at=now())


def _standing(run: ImportRun) -> tuple[str, ...]:
    if run.state == "done":
        return "success", summary(run)
    if run.state == "failed":
        return "failure", run.error or ""
    if run.total:
        return "progress", _("%(done)s of %(total)s", done=run.done, total=run.total)
    return "progress", _("Waiting for its turn…") if run.state == "queued" else _("Reading the file")


def _refuse(error: HouseError) -> Response:
    mark_failed()
    answer = _say("failure", str(error.sentence), status=401)
    answer.headers["WWW-Authenticate"] = 'Basic realm="1C", charset="UTF-8"'
    return answer


def _say(*lines: str, status: int = 200) -> Response:
    text = "".join(f"{line}\n" for line in lines if line)
    return make_response(text, status, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"})
