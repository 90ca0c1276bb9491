"""Passwords of people: scrypt, and a limit on guessing (per address, per client and per network address)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

from app.portal.contract import ProblemCode
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site
from app.sandbox.store.credentials import count_failures, forget_failures, insert_failure

_N, _R, _P, _LENGTH = 2**15, 8, 1, 32
_N_OF_RANDOM = 2**8
_MEMORY = 2 * 128 * _N * _R
_NOBODY = "scrypt$32768$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
WINDOW = timedelta(minutes=15)
TRIES_OF_ONE = 5
TRIES_OF_ADDRESS = 50


def hash_password(password: str, *, salt: bytes, random: bool = False) -> str:
    """The stored form: ``scrypt$n$r$p$salt$digest``.

    Args:
        password: as it is typed.
        salt: random bytes.
        random: a machine drew it, with so many bits that nobody guesses it: stretching would only cost time.
    """
    n = _N_OF_RANDOM if random else _N
    digest = _digest(password, salt, n=n, r=_R, p=_P)
    return f"scrypt${n}${_R}${_P}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_fits(password: str, stored: str | None) -> bool:
    """Whether this is the password; takes as long as a person's when there is nobody (`stored` None)."""
    _, n, r, p, salt, digest = (stored or _NOBODY).split("$")
    tried = _digest(password, base64.b64decode(salt), n=int(n), r=int(r), p=int(p))
    return hmac.compare_digest(tried, base64.b64decode(digest)) and stored is not None


def _digest(password: str, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=_LENGTH)


class Guesses:
    """Counts failed sign-ins and refuses more of them for a while.

    Args:
        site: the portal.
        tried: what is tried (``person:…``, ``agent:…``): `TRIES_OF_ONE` failures in `WINDOW`.
        address: the network address it comes from: `TRIES_OF_ADDRESS` failures in `WINDOW`.
    """

    def __init__(self, site: Site, *, tried: str, address: str) -> None:
        self._site = site
        self._tried = _subject(tried.lower())
        self._address = _subject(f"address:{address}")

    def check(self) -> None:
        """Refuse while there were too many.

        Raises:
            ProblemError: 429 ``too-many-requests`` with ``Retry-After``.
        """
        since = self._site.clock() - WINDOW
        database = self._site.database
        if (
            count_failures(database, self._tried, since=since) >= TRIES_OF_ONE
            or count_failures(database, self._address, since=since) >= TRIES_OF_ADDRESS
        ):
            raise ProblemError(
                429,
                ProblemCode.TOO_MANY,
                "Too many failed attempts",
                "Wait a quarter of an hour, then try again.",
                headers={"Retry-After": str(int(WINDOW.total_seconds()))},
            )

    def failed(self) -> None:
        """Count a failure."""
        now = self._site.clock()
        with self._site.database.transaction() as connection:
            insert_failure(connection, self._tried, now=now)
            insert_failure(connection, self._address, now=now)

    def succeeded(self) -> None:
        """Forget the failures of what was tried; those of the network address stay."""
        with self._site.database.transaction() as connection:
            forget_failures(connection, self._tried)


def _subject(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
