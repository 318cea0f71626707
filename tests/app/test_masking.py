"""No log holds a person's mail address or phone number, whoever wrote the line."""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Iterator

import pytest
import structlog

from app import logs
from app.kernel.masking import masked

PERSONAL = ("anna@example.ru", "+79161234567", "8 (916) 123-45-67", "79161234567", "+7 916 123 45 67")

COMPLAINT = 'null value in column "phone"\nDETAIL:  Failing row contains (1, Анна Тайная, Казань).'


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Logs as a process writes them, whatever was configured before."""
    before = structlog.get_config()
    logs.configure()
    structlog.configure(cache_logger_on_first_use=False)
    yield capsys
    structlog.configure(**before)
    logging.setLogRecordFactory(logging.LogRecord)


@pytest.mark.parametrize("value", PERSONAL)
def test_addresses_and_numbers_are_masked_wherever_they_stand(
    written: pytest.CaptureFixture[str], value: str
) -> None:
    structlog.get_logger().info(f"said {value}", error=f"Key (email)=({value})", more={"deep": [value]})
    said = written.readouterr().out
    assert value not in said
    assert said.count("…") == 3


def test_ids_sums_and_times_are_left() -> None:
    for harmless in (str(uuid.uuid4()), "2026-11-23 21:57:44", "order 2-1001", "4599000", "10.0.0.12:5432"):
        assert masked(harmless) == harmless


def test_the_row_a_database_complains_of_is_not_told(written: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(COMPLAINT)
    except ValueError:
        structlog.get_logger().exception("unexpected_error")
    assert "Тайная" not in written.readouterr().out


def test_libraries_that_log_by_themselves_are_masked(written: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    log, handler = logging.getLogger("somebody.else"), logging.StreamHandler(stream)
    log.addHandler(handler)
    try:
        raise ValueError("anna@example.ru")
    except ValueError:
        log.exception("could not write to %s", "8 916 123-45-67")
    log.removeHandler(handler)
    assert "anna@" not in stream.getvalue()
    assert "123-45-67" not in stream.getvalue()


def test_without_the_mask_they_would_be_there(written: pytest.CaptureFixture[str]) -> None:
    """The control."""
    processors = [one for one in structlog.get_config()["processors"] if one is not logs._mask]
    structlog.configure(processors=processors)
    structlog.get_logger().info("said", error="anna@example.ru")
    assert "anna@example.ru" in written.readouterr().out
