"""From an answer that is no success to the right error of the project. Pure."""

from __future__ import annotations

import email.utils
import re
from datetime import datetime
from typing import Final

import msgspec

from app.decoding import ready
from app.domain.errors import (
    CredentialsError,
    InputError,
    PeerError,
    RefusedError,
    UnreachableError,
    WorldError,
)
from app.portal.contract import Problem, ProblemCode

PROBLEM_MEDIA_TYPE = "application/problem+json"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
_LONGEST = 600
_LONGEST_WAIT = 3600.0

_REFUSED: Final[dict[str, tuple[str, str]]] = {
    ProblemCode.ACCESS_LEVEL: ("CF-1270", "Your access level does not allow this"),
    ProblemCode.CASE_CLOSED: ("CF-1271", "The case is closed"),
    ProblemCode.NOT_ACKNOWLEDGED: ("CF-1272", "Files need your acknowledgement first"),
    ProblemCode.CHANGED: ("CF-1273", "Someone else changed this meanwhile"),
    ProblemCode.KEY_REUSED: ("CF-1275", "This was sent before with another content"),
    ProblemCode.NO_SFTP: ("CF-1276", "This portal has no SFTP side"),
}
_UPLOADS: Final = frozenset(
    {
        ProblemCode.UPLOAD_OFFSET,
        ProblemCode.UPLOAD_GONE,
        ProblemCode.UPLOAD_LOCKED,
        ProblemCode.UPLOAD_TOO_LARGE,
        ProblemCode.CHECKSUM,
        ProblemCode.DIGEST_DIFFERS,
    }
)


def error_of_answer(
    *, status: int, media_type: str, body: bytes, retry_after: str | None, now: datetime
) -> WorldError:
    """The error for an answer of 300 and above.

    Args:
        status: HTTP status.
        media_type: the ``Content-Type`` header.
        body: the body, as far as it was read.
        retry_after: the ``Retry-After`` header, if there was one.
        now: for a ``Retry-After`` that is a date.
    """
    wait = seconds_to_wait(retry_after, now=now)
    problem = read_problem(media_type, body)
    if status == 401:
        return _not_signed_in(problem)
    if status == 429 or status == 503 or (problem is not None and problem.code == ProblemCode.TOO_MANY):
        return UnreachableError(
            "The portal is busy",
            happened=_said(problem) or "It asked us to come back later.",
            todo="It is tried again by itself." if wait is None else f"Try again in {wait:.0f} seconds.",
            code="CF-1581",
            retry_after=wait,
        )
    if status >= 500:
        return _server_failed(status, problem, wait)
    if problem is None:
        return PeerError(
            "The portal answered something unexpected",
            happened=f"HTTP {status} without the details that the contract demands.",
            todo="Check the portal's address; a proxy may have answered in its place.",
            code="CF-1683",
        )
    return _of_problem(status, problem)


def read_problem(media_type: str, body: bytes) -> Problem | None:
    """The problem details in a body, or None when there are none."""
    if media_type.partition(";")[0].strip().lower() != PROBLEM_MEDIA_TYPE:
        return None
    try:
        return msgspec.json.decode(body, type=ready(Problem))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def seconds_to_wait(retry_after: str | None, *, now: datetime) -> float | None:
    """``Retry-After`` in seconds, 0 to 3600; None when it is missing or makes no sense."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST_WAIT)


def for_people(text: str, *, longest: int = _LONGEST) -> str:
    """A server's text without control characters (they could steer a terminal), and not endless."""
    clean = _CONTROL.sub(" ", text).strip()
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def _said(problem: Problem | None) -> str:
    return for_people(problem.detail) if problem is not None else ""


def _not_signed_in(problem: Problem | None) -> WorldError:
    if problem is not None and problem.code == ProblemCode.WRONG_CREDENTIALS:
        return CredentialsError(
            "The sign-in was not accepted",
            happened=_said(problem) or "The portal does not know these credentials.",
            todo="Check them, or register anew.",
            code="CF-1384",
        )
    return CredentialsError(
        "You are signed out",
        happened=_said(problem) or "The portal does not accept this sign-in any more.",
        todo="Sign in again; nothing you wrote is lost.",
        code="CF-1380",
    )


def _server_failed(status: int, problem: Problem | None, wait: float | None) -> WorldError:
    if problem is not None and problem.code == ProblemCode.STORAGE_FULL:
        return UnreachableError(
            "The portal's storage is full",
            happened=_said(problem) or "It cannot take more at the moment.",
            todo="Nothing is lost; it is tried again. Tell support if it lasts.",
            code="CF-1580",
            retry_after=wait,
        )
    reference = for_people(problem.reference, longest=60) if problem is not None else ""
    return UnreachableError(
        "The portal has a problem",
        happened=f"It answered HTTP {status}." + (f" Its reference is {reference}." if reference else ""),
        todo="Try again in a while; if it stays so, tell the owner of the portal the reference.",
        code="CF-1582",
        retry_after=wait,
    )


def _of_problem(status: int, problem: Problem) -> WorldError:
    title = for_people(problem.title, longest=120)
    rule = for_people(problem.rule, longest=20)
    happened = _said(problem)
    if problem.code == ProblemCode.WRONG_SCOPE:
        return CredentialsError(
            "This sign-in may not do that",
            happened=happened or "Its scope does not include this call.",
            todo="Use the sign-in of a person, or register the agent with the scope it needs.",
            code="CF-1381",
        )
    if problem.code == ProblemCode.NOT_FOUND:
        return InputError(
            "The portal does not know this",
            happened=happened or f"{title or 'It'}.",
            todo="Check the number, and that you see this account.",
            code="CF-1183",
        )
    if problem.code == ProblemCode.BAD_REQUEST:
        fields = "; ".join(
            f"{for_people(k, longest=60)}: {for_people(v, longest=200)}" for k, v in problem.fields.items()
        )
        return InputError(
            title or "The portal did not accept this",
            happened=fields or happened,
            todo="Correct the field and try again.",
            code="CF-1181",
        )
    if problem.code in _REFUSED:
        code, plain = _REFUSED[problem.code]
        no_sftp = problem.code == ProblemCode.NO_SFTP
        todo = "Send the file over HTTPS." if no_sftp else "Nothing you wrote is lost."
        return RefusedError(title or plain, happened=happened, todo=todo, rule=rule, code=code)
    if problem.code in _UPLOADS:
        return PeerError(
            title or "The upload cannot go on", happened=happened, todo="Send the file again.", code="CF-1681"
        )
    if rule:
        return RefusedError(
            title or "A rule says no",
            happened=happened,
            todo="The rule names what is missing.",
            rule=rule,
            code="CF-1274",
        )
    return PeerError(
        title or "The portal refused the call",
        happened=happened or f"HTTP {status}.",
        todo="This program may be older than the portal; look for an update.",
        code="CF-1684",
    )
