"""One trace from a visitor's request through the outbox to the handlers, and nothing of a person in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.factory import create_app
from app.kernel import tracing
from app.kernel.events import publish
from blueprints.orders.events import OrderPlaced
from tests.blueprints.orders.shelf import fill_shelf, put_stock
from tests.blueprints.shop.test_cart import put
from tests.blueprints.shop.test_checkout import filled
from tests.house import KAZAN, House

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{CALLER}-01"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """What was traced, kept in memory."""
    exporter = InMemorySpanExporter()
    tracing.start("zveno-test", SimpleSpanProcessor(exporter))
    yield exporter
    tracing.stop()


@pytest.fixture
def traced(house: House, exporter: InMemorySpanExporter) -> House:
    """The house with a web application that traces."""
    web = create_app(replace(house.settings, database_owner=""))
    web.config.update(TESTING=True, RATELIMIT_ENABLED=False)
    return House(web, house.worker, house.settings, house.superuser)


def order(house: House) -> None:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    visitor = house.visit(KAZAN)
    put(visitor, boiler, 2)
    form = filled(visitor)
    assert visitor.post("/checkout", data=form, headers={"traceparent": PARENT}).status_code == 302


def of_trace(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """Spans of the caller's trace by their names."""
    return {span.name: span for span in exporter.get_finished_spans() if f"{span.context.trace_id:032x}" == TRACE}


def test_handlers_name_the_request_that_caused_them(traced: House, exporter: InMemorySpanExporter) -> None:
    order(traced)
    traced.work()
    spans = of_trace(exporter)
    request, mail = spans["POST /checkout"], spans["app.web.mail.send"]
    assert (request.kind.name, f"{request.parent.span_id:016x}") == ("SERVER", CALLER)
    assert request.attributes["http.response.status_code"] == 302
    assert request.attributes["zveno.tenant"] == KAZAN
    assert (mail.kind.name, mail.parent.span_id) == ("CONSUMER", request.context.span_id)
    assert (mail.attributes["zveno.event"], mail.attributes["zveno.tenant"]) == ("MailQueued", KAZAN)
    assert "blueprints.leads.subscribers.mail_own_lead" in spans


def test_what_a_handler_publishes_goes_on_in_the_same_trace(traced: House, exporter: InMemorySpanExporter) -> None:
    with tracing.span("outer", {}, parent=PARENT), traced.speaking(KAZAN):
        publish(OrderPlaced(tenant_id=KAZAN, order_id="1"))
        carried = tracing.carried()
    assert carried is not None and carried.split("-")[1] == TRACE
    assert traced.scalar("SELECT trace FROM network.outbox") == carried


def test_a_trace_tells_nothing_of_a_person(traced: House, exporter: InMemorySpanExporter) -> None:
    order(traced)
    traced.visit(KAZAN).get("/search?q=Петрова")
    traced.work()
    told = " ".join(f"{span.name} {dict(span.attributes)} {span.events}" for span in exporter.get_finished_spans())
    assert "app.web.mail.send" in told
    for personal in ("anna", "Анна", "Петрова", "Баумана", "9161234567", "127.0.0.1", "q="):
        assert personal not in told


def test_a_failure_is_named_by_its_type_alone(traced: House, exporter: InMemorySpanExporter) -> None:
    order(traced)
    traced.work()  # nobody listens at the mail server's port
    mail = of_trace(exporter)["app.web.mail.send"]
    assert (mail.status.status_code.name, mail.status.description) == ("ERROR", None)
    assert mail.attributes["error.type"] == "ConnectionRefusedError"
    assert mail.events == ()


@pytest.mark.parametrize("claim", ["", "nonsense", f"00-{'0' * 32}-{CALLER}-01", f"ff-{TRACE}-{CALLER}-01", "a" * 9000])
def test_a_claim_that_is_none_begins_a_new_trace(traced: House, exporter: InMemorySpanExporter, claim: str) -> None:
    assert traced.visit(KAZAN).get("/healthz", headers={"traceparent": claim}).status_code == 200
    (span,) = exporter.get_finished_spans()
    assert span.parent is None
    assert f"{span.context.trace_id:032x}" != TRACE


def test_who_wants_to_be_traced_is_not_asked(house: House) -> None:
    exporter = InMemorySpanExporter()
    tracing.start("zveno-test", SimpleSpanProcessor(exporter), percent=0)
    try:
        with tracing.span("request", {}, kind="SERVER", parent=PARENT), house.speaking(KAZAN):
            publish(OrderPlaced(tenant_id=KAZAN, order_id="1"))
    finally:
        tracing.stop()
    assert exporter.get_finished_spans() == ()
    assert str(house.scalar("SELECT trace FROM network.outbox")).endswith("-00")


def test_nothing_is_carried_while_nothing_is_traced(house: House) -> None:
    with tracing.span("request", {}, parent=PARENT), house.speaking(KAZAN):
        publish(OrderPlaced(tenant_id=KAZAN, order_id="1"))
    assert house.rows("SELECT trace FROM network.outbox") == [(None,)]


def test_a_collector_gets_what_was_traced() -> None:
    got: list[tuple[str, ExportTraceServiceRequest]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tracing.start_for(f"http://127.0.0.1:{server.server_port}/", "zveno-web", 100)
    with tracing.span("GET /", {"http.route": "/"}, kind="SERVER", parent=PARENT):
        pass
    tracing.stop()
    server.shutdown()
    ((path, request),) = got
    (span,) = request.resource_spans[0].scope_spans[0].spans
    assert (path, span.name, span.trace_id.hex()) == ("/v1/traces", "GET /", TRACE)
