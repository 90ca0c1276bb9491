"""Errors on the wire: RFC 9457 problem details, and nothing of our insides."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.domain.errors import InputError, LocalError, RefusedError
from app.domain.verdicts import Verdict
from app.portal.contract import Problem, ProblemCode

_log = logging.getLogger("app.sandbox.problems")
MEDIA_TYPE = "application/problem+json"

_BY_STATUS: dict[int, tuple[str, str]] = {
    400: (ProblemCode.BAD_REQUEST, "The request is not right"),
    401: (ProblemCode.NOT_SIGNED_IN, "Sign in first"),
    403: (ProblemCode.WRONG_SCOPE, "This is not allowed"),
    404: (ProblemCode.NOT_FOUND, "There is nothing at this address"),
    405: (ProblemCode.BAD_REQUEST, "This address does not take this method"),
    409: (ProblemCode.CHANGED, "It was changed meanwhile"),
    412: (ProblemCode.CHANGED, "It was changed meanwhile"),
    413: (ProblemCode.BAD_REQUEST, "The request is too large"),
    415: (ProblemCode.BAD_REQUEST, "This media type is not understood"),
    429: (ProblemCode.TOO_MANY, "Too many requests"),
}


class ProblemError(Exception):
    """A call is refused, with what the caller may know of the reason.

    Attributes:
        status: HTTP status, 400 to 599.
        code: a `ProblemCode`.
        title: one line for people.
        detail: what happened and what to do, without a personal value.
        rule: the number of the rule that refused; empty when none did.
        fields: what is wrong with which field.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        rule: str = "",
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.rule = rule
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})


def refused(verdict: Verdict, code: str, title: str, *, status: int = 403) -> ProblemError:
    """The problem for a rule that said no."""
    detail = f"{verdict.reason} {verdict.way_out}".strip()
    return ProblemError(status, code, title, detail, verdict.rule)


def not_found(what: str) -> ProblemError:
    """404: there is none, or none that this caller may know of. `what` is such as ``case``."""
    return ProblemError(
        404,
        ProblemCode.NOT_FOUND,
        f"There is no such {what}",
        f"No {what} with this id is visible to you. Check the id, and the account you are signed in for.",
    )


def bad_field(name: str, wrong: str) -> ProblemError:
    """400 for one field; `wrong` says what is wrong, never the value."""
    return ProblemError(
        400,
        ProblemCode.BAD_REQUEST,
        "A field is not right",
        f"{name}: {wrong}",
        fields={name: wrong},
    )


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for a problem; its status decides the HTTP status."""
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def defect_response(error: BaseException) -> Response:
    """500 with a reference; the traceback stands beside the same reference in the log."""
    reference = secrets.token_hex(4)
    _log.error("defect %s", reference, exc_info=error)
    return problem_response(
        Problem(
            status=500,
            code=ProblemCode.INTERNAL,
            title="Something went wrong in the portal",
            detail="It is not your fault. Try again, and name the reference when you call.",
            reference=reference,
        )
    )


def _on_problem(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        return defect_response(error)
    return problem_response(
        Problem(
            status=error.status,
            code=str(error.code),
            title=error.title,
            detail=error.detail,
            rule=error.rule,
            fields=error.fields,
        ),
        error.headers,
    )


def _on_validation(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        return defect_response(error)
    fields = {_place(part["loc"]): str(part["msg"]) for part in error.errors()}
    return problem_response(
        Problem(
            status=400,
            code=ProblemCode.BAD_REQUEST,
            title="The request is not right",
            detail="; ".join(f"{name}: {wrong}" for name, wrong in fields.items()),
            fields=fields,
        )
    )


def _place(location: Sequence[Any]) -> str:
    """``body.text`` for a body's member, the bare name for a query, path or header parameter."""
    parts = [str(part) for part in location]
    named = parts if parts[0] == "body" else parts[1:]
    return ".".join(named) or parts[0]


def _on_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return defect_response(error)
    code, title = _BY_STATUS.get(error.status_code, (ProblemCode.BAD_REQUEST, "The request was refused"))
    return problem_response(
        Problem(status=error.status_code, code=code, title=title, detail=""), error.headers or {}
    )


def _on_world(_request: Request, error: Exception) -> Response:
    """A `WorldError` of the core that reached the border: its texts are written for people."""
    if isinstance(error, RefusedError):
        return problem_response(
            Problem(
                status=403,
                code=error.code,
                title=error.title,
                detail=f"{error.happened} {error.todo}",
                rule=error.rule,
            )
        )
    if isinstance(error, InputError):
        return problem_response(
            Problem(
                status=400,
                code=ProblemCode.BAD_REQUEST,
                title=error.title,
                detail=f"{error.happened} {error.todo}",
            )
        )
    if isinstance(error, LocalError) and error.code == "CF-1802":
        return problem_response(
            Problem(
                status=507,
                code=ProblemCode.STORAGE_FULL,
                title="The portal's disk is full",
                detail="Nothing that was stored is lost. Try again later.",
            ),
            {"Retry-After": "60"},
        )
    return defect_response(error)


def install_problem_handlers(application: FastAPI) -> None:
    """Every error of a route leaves as a problem; `app.sandbox.border` catches what nobody expects."""
    application.add_exception_handler(ProblemError, _on_problem)
    application.add_exception_handler(RequestValidationError, _on_validation)
    application.add_exception_handler(HTTPException, _on_http)
    application.add_exception_handler(InputError, _on_world)
    application.add_exception_handler(RefusedError, _on_world)
    application.add_exception_handler(LocalError, _on_world)
