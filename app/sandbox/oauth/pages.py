"""The HTML pages of signing in: plain, accessible, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from string import Template
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from app.sandbox.site import Site
from app.settings import resource

TICKET_COOKIE = "__Host-caseferry-ticket"
# Browsers hold a form's redirect against form-action too, so the loopback addresses are named.
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:*;"
    " base-uri 'none'; frame-ancestors 'none'"
)


@cache
def _template(name: str) -> Template:
    return Template(resource("portal", name).read_text(encoding="utf-8"))


@cache
def style() -> str:
    """The style sheet of the pages."""
    return resource("portal", "style.css").read_text(encoding="utf-8")


def sign_in_page(
    site: Site,
    *,
    client: str,
    hidden: Mapping[str, str],
    ticket: str,
    email: str = "",
    wrong: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The form of ``/oauth/authorize``; `hidden` is the client's question, `wrong` what failed before."""
    content = _template("sign-in.html").substitute(
        client=escape(client),
        note=_note(wrong),
        hidden=_hidden({**hidden, "ticket": ticket}),
        email=escape(email),
    )
    return _with_ticket(_page(site, "Sign in", content, status=status), ticket)


def activate_page(
    site: Site, *, code: str, ticket: str, email: str = "", wrong: str = "", status: int = 200
) -> HTMLResponse:
    """The form where a person types the code of a device."""
    content = _template("activate.html").substitute(
        note=_note(wrong), hidden=_hidden({"ticket": ticket}), code=escape(code), email=escape(email)
    )
    return _with_ticket(_page(site, "Connect a device", content, status=status), ticket)


def message_page(site: Site, title: str, text: str, *, good: bool, status: int = 200) -> HTMLResponse:
    """A page that only says something."""
    content = _template("message.html").substitute(
        title=escape(title), text=escape(text), kind="ok" if good else ""
    )
    return _page(site, title, content, status=status)


def _page(site: Site, title: str, content: str, *, status: int) -> HTMLResponse:
    html = _template("page.html").substitute(
        title=escape(title), content=content, host=escape(urlsplit(site.url).netloc)
    )
    return HTMLResponse(
        html, status_code=status, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    )


def _with_ticket(page: HTMLResponse, ticket: str) -> HTMLResponse:
    """Tie the form to this browser: the same ticket travels in a cookie and in the form."""
    page.set_cookie(TICKET_COOKIE, ticket, secure=True, httponly=True, samesite="strict", path="/")
    return page


def _note(wrong: str) -> str:
    return f'<p class="note" role="alert">{escape(wrong)}</p>' if wrong else ""


def _hidden(values: Mapping[str, str]) -> str:
    return "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in values.items()
    )
