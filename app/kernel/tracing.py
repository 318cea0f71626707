"""Traces by OpenTelemetry: which request led to which handler, and where the time went. Off until `start` is called.

A span bears names out of the code, ids and the tenant; never an address, a path, a value or the words of an error.
The library is loaded by `start` only, so whoever does not trace pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.sampling import Sampler
    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AttributeValue

_provider: TracerProvider | None = None
_tracer: Tracer | None = None


def start(service: str, processor: SpanProcessor, percent: int = 100) -> None:
    """Trace so many of a hundred requests from now on; `processor` takes what was traced away."""
    global _provider, _tracer
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    _provider = TracerProvider(resource=Resource({"service.name": service}), sampler=_sampler(percent))
    _provider.add_span_processor(processor)
    _tracer = _provider.get_tracer("zveno")


def start_for(collector: str, service: str, percent: int) -> None:
    """Trace, and send it in the background to the collector at that address (OTLP over HTTP)."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    start(service, BatchSpanProcessor(OTLPSpanExporter(f"{collector.rstrip('/')}/v1/traces", timeout=5)), percent)


def stop() -> None:
    """Send what is left, and trace no more."""
    global _provider, _tracer
    if _provider is not None:
        _provider.shutdown()
    _provider = _tracer = None


def is_on() -> bool:
    """Whether anything is traced."""
    return _tracer is not None


@contextmanager
def span(
    name: str, facts: Mapping[str, AttributeValue], *, kind: str = "INTERNAL", parent: str | None = None,
    calm: tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """A stretch of work, inside the running one or after `parent`, a W3C traceparent; `calm` errors are none."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import SpanKind

    with _tracer.start_as_current_span(
        name, context=_after(parent), kind=SpanKind[kind], attributes=facts, record_exception=False,
        set_status_on_exception=False,
    ) as running:
        try:
            yield
        except Exception as error:
            if not isinstance(error, calm):
                _blame(running, type(error).__name__)  # what it says may quote somebody
            raise


def note(facts: Mapping[str, AttributeValue], failure: str | None = None) -> None:
    """Add to the running span, and say by one word that it failed."""
    if _tracer is None:
        return
    from opentelemetry.trace import get_current_span

    get_current_span().set_attributes(facts)
    if failure:
        _blame(get_current_span(), failure)


def carried() -> str | None:
    """The running span as a W3C traceparent, to be handed on; None when nothing is traced."""
    if _tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def _after(parent: str | None) -> Context | None:
    if not parent:
        return None
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent}, context=Context())


def _blame(running: Span, failure: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    running.set_attribute("error.type", failure)
    running.set_status(Status(StatusCode.ERROR))


def _sampler(percent: int) -> Sampler:
    """By the trace's id alone, so request and handlers agree, and a visitor's wish to be traced counts for nothing."""
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased

    share = TraceIdRatioBased(percent / 100)
    return ParentBased(share, remote_parent_sampled=share, remote_parent_not_sampled=ALWAYS_OFF)
