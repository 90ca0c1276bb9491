"""Host keys of SFTP servers that a person has agreed to; what the portal announces needs no agreement."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from pathlib import Path

from app.domain.errors import InputError, TrustError
from app.domain.places import place_of
from app.transfer.login import HostKey
from app.transfer.network.pinning import change_kept, pins_unreadable, read_kept

Agree = Callable[[HostKey], bool]
"""Shows a key's fingerprint to a person; whether the person agrees to it."""


class KnownHosts:
    """The keys that people have agreed to, one file, for its owner only."""

    def __init__(self, path: Path) -> None:
        """Read it; a missing file holds none.

        Raises:
            LocalError: it cannot be read (CF-1860).
        """
        self._path = path
        self._keys = _parsed(read_kept(path), path)

    def of(self, host: str, port: int) -> HostKey | None:
        """The key that counts for this server; None when no person agreed to one."""
        return self._keys.get(place_of(host, port))

    def places(self) -> dict[str, str]:
        """Every ``host:port`` with the fingerprint that a person agreed to."""
        return {place: key.fingerprint for place, key in sorted(self._keys.items())}

    def keep(self, host: str, port: int, key: HostKey) -> None:
        """Keep it, because a person has compared it.

        Raises:
            LocalError: the file cannot be written (CF-1860).
        """
        self._change(lambda kept: kept.update({place_of(host, port): key.line}))

    def forget(self, host: str, port: int) -> None:
        """Agree to nothing any more for this server.

        Raises:
            LocalError: the file cannot be written (CF-1860).
        """
        self._change(lambda kept: kept.pop(place_of(host, port), None))

    def _change(self, change: Callable[[dict[str, str]], object]) -> None:
        self._keys = _parsed(change_kept(self._path, change), self._path)


def _parsed(kept: Mapping[str, str], path: Path) -> dict[str, HostKey]:
    try:
        return {place: HostKey.parse(line) for place, line in kept.items()}
    except InputError as error:
        raise pins_unreadable(path) from error


def known_host_key(host: str, port: int, *, announced: str, known: KnownHosts) -> HostKey | None:
    """The one key that a server may show, as far as nobody needs to be asked; None when somebody does.

    Args:
        host: of the server.
        port: of the server.
        announced: the portal's public key line; empty when it announces none.
        known: what people agreed to before.

    Raises:
        TrustError: the portal announces another key than the one agreed to (CF-1411).
        InputError: what is announced is no key (CF-1134).
    """
    agreed = known.of(host, port)
    if not announced:
        return agreed
    told = HostKey.parse(announced)
    if agreed is not None and not _same(agreed, told):
        raise other_host_key(place_of(host, port), known=agreed, shown=told)
    return told


def settle_host_key(
    host: str, port: int, *, announced: str, known: KnownHosts, look: Callable[[], HostKey], agree: Agree
) -> HostKey:
    """The one key that a server may show.

    What the portal announces over its trusted connection counts, unless a person has agreed to another key
    for the same place. Where it announces none, the person is asked once; nothing stands for that yes.

    Args:
        host: of the server.
        port: of the server.
        announced: the portal's public key line; empty when it announces none.
        known: what people agreed to before.
        look: asks the server for its key, see `show_host_key`.
        agree: asks the person.

    Raises:
        TrustError: another key than the one agreed to (CF-1411), or the person did not agree (CF-1414).
        InputError: what is announced is no key (CF-1134).
    """
    counts = known_host_key(host, port, announced=announced, known=known)
    if counts is not None:
        return counts
    shown = look()
    if not agree(shown):
        raise TrustError(
            "Nobody has agreed to this server's host key",
            happened=f"{place_of(host, port)} shows {shown.fingerprint}. Neither password nor file was sent.",
            todo="Ask the server's operator for the fingerprint, compare it, and answer yes.",
            code="CF-1414",
        )
    known.keep(host, port, shown)
    return shown


def other_host_key(peer: str, *, known: HostKey, shown: HostKey) -> TrustError:
    """The server shows another key than the known one; both fingerprints are named."""
    return TrustError(
        "The server's host key is another one",
        happened=(
            f"{peer} shows {shown.kind} {shown.fingerprint}, and the known key is {known.kind}"
            f" {known.fingerprint}. Neither password nor file was sent."
        ),
        todo="Ask the server's operator, by another way, whether it was changed; then enter the new one.",
        code="CF-1411",
    )


def _same(one: HostKey, other: HostKey) -> bool:
    return one.kind == other.kind and hmac.compare_digest(one.blob, other.blob)
