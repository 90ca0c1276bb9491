"""OAuth's own error form (RFC 6749 §5.2), for the addresses that OAuth's clients call."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


class OAuthError(Exception):
    """An OAuth call is refused.

    Attributes:
        error: the registered code, such as ``invalid_grant``.
        description: for developers; no secret, no personal value.
        status: 400, or 401 when the client itself was not accepted, or 429.
    """

    def __init__(
        self, error: str, description: str, *, status: int = 400, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers or {}


def invalid_grant(description: str) -> OAuthError:
    """The code or token is unknown, spent, expired, or somebody else's."""
    return OAuthError("invalid_grant", description)


def install_oauth_errors(application: FastAPI) -> None:
    """Errors of OAuth leave in OAuth's form."""

    def answer(_request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, OAuthError):
            raise error
        return JSONResponse(
            {"error": error.error, "error_description": error.description},
            status_code=error.status,
            headers={"Cache-Control": "no-store", **error.headers},
        )

    application.add_exception_handler(OAuthError, answer)
