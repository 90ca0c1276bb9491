"""What a tus server's refusals mean."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.errors import UnreachableError
from app.transfer.tus_answers import error_of
from app.transfer.wire import Answer

URL = "https://portal.example/uploads/1"


def test_a_server_that_names_the_time_of_its_return_is_waited_for_by_the_clock_that_is_given() -> None:
    noon = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
    answer = Answer(503, {"retry-after": "Sat, 28 Nov 2026 12:05:00 GMT"}, b"", URL)
    error = error_of(answer, peer="portal.example:443", of_upload=False, now=noon)
    assert isinstance(error, UnreachableError)
    assert error.retry_after == 300.0
