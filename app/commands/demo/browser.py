"""The demo person's browser: walks the portal's sign-in pages with the made-up password of the demo data."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

from app.domain.errors import PeerError


class _Forms(HTMLParser):
    """The first form of a page: where it posts to, and its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form and its inputs."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = values.get("action", "")
        elif tag == "input" and values.get("type") == "hidden" and "name" in values:
            self.fields[values["name"]] = values.get("value", "")


def walk_sign_in(url: str, *, session: requests.Session, email: str, password: str) -> None:
    """Open the authorisation page, fill in the form, and follow the redirect to our own loopback address.

    Raises:
        PeerError: the portal shows something that is no sign-in page, or does not redirect back.
    """
    page = session.get(url)
    forms = _Forms()
    forms.feed(page.text)
    if page.status_code != 200 or forms.action is None:
        raise _unexpected(f"The sign-in page answered {page.status_code} and shows no form.")
    filled = {**forms.fields, "email": email, "password": password}
    answer = session.post(urljoin(url, forms.action or url), data=filled, allow_redirects=False)
    target = answer.headers.get("Location", "")
    if answer.status_code not in (302, 303) or urlsplit(target).hostname != "127.0.0.1":
        raise _unexpected(f"The sign-in answered {answer.status_code} and does not lead back.")
    # Plain HTTP to the loopback: RFC 8252 §7.3, the answer never leaves this machine.
    requests.get(target, timeout=10)


def _unexpected(happened: str) -> PeerError:
    return PeerError(
        "The demo person could not sign in",
        happened=happened,
        todo="Start the demo again; if it stays so, report it.",
        code="CF-1610",
    )
