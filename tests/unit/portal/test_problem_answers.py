"""What the client makes of the portal's problems."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from app.domain.errors import RefusedError
from app.portal.contract import Problem, ProblemCode
from app.portal.problems import PROBLEM_MEDIA_TYPE, error_of_answer


def test_a_portal_without_sftp_is_a_refusal_that_names_the_other_way() -> None:
    problem = Problem(
        status=409, code=ProblemCode.NO_SFTP, title="This portal has no SFTP side", rule="R-FILE-5"
    )
    error = error_of_answer(
        status=409,
        media_type=PROBLEM_MEDIA_TYPE,
        body=msgspec.json.encode(problem),
        retry_after=None,
        now=datetime.now(UTC),
    )
    assert isinstance(error, RefusedError)
    assert (error.code, error.rule, error.retryable) == ("CF-1276", "R-FILE-5", False)
    assert "HTTPS" in error.todo
