"""Where a bundle goes: the portal by tus, or a case's temporary SFTP account whose host key is settled."""

from __future__ import annotations

from collections.abc import Callable

from app.commands.console import Screen
from app.commands.portal_options import Via
from app.commands.reaching import HOST_KEYS, Reached
from app.domain.files import FileCheck
from app.domain.places import place_of
from app.portal import PersonTokens, PortalClient
from app.portal.contract import SftpAccount
from app.settings import data_folder
from app.transfer import (
    Destination,
    HostKey,
    KnownHosts,
    SftpDestination,
    SftpLogin,
    Shipment,
    TusDestination,
    settle_host_key,
    show_host_key,
)


def destinations(
    reached: Reached,
    client: PortalClient,
    tokens: PersonTokens,
    screen: Screen,
    *,
    number: str,
    via: Via,
    word: str,
) -> Callable[[], Destination]:
    """What makes fresh destinations in a case; everything that a person must answer is asked now.

    Args:
        reached: the portal and the way to it.
        client: for the account, and for the digest of what came by SFTP.
        tokens: the person's sign-in.
        screen: asks about a host key that the portal does not announce.
        number: of the case.
        via: the way.
        word: id of the acknowledgement.

    Raises:
        TrustError: the host key is another one, or nobody agreed to it.
    """
    if via is Via.HTTPS:
        return lambda: TusDestination(
            f"{reached.url}/api/v1/uploads",
            ssl_context=reached.trust.ssl_context(),
            tokens=tokens,
            metadata={"case": number, "acknowledgement": word},
            state_url="state",
            network=reached.way.network,
        )
    account: SftpAccount = client.sftp_account(number) or client.create_sftp_account(number)
    host_key = settle_host_key(
        account.host,
        account.port,
        announced=account.host_key,
        known=KnownHosts(data_folder() / HOST_KEYS),
        look=lambda: show_host_key(account.host, account.port, network=reached.way.network),
        agree=lambda key: _agreed(screen, account, key),
    )
    return lambda: SftpDestination(
        account.host,
        account.port,
        login=SftpLogin(user=account.user, password=account.password),
        host_key=host_key.line,
        confirm=_confirmation(client, number),
        network=reached.way.network,
    )


def _agreed(screen: Screen, account: SftpAccount, key: HostKey) -> bool:
    place = place_of(account.host, account.port)
    screen.note(f"The portal does not tell the host key of {place}. The server shows:")
    screen.note(f"  {key.kind} {key.fingerprint}")
    return screen.ask("Did you compare it with what the server's operator told you, and is it the same?")


def _confirmation(client: PortalClient, number: str) -> Callable[[Shipment], str | None]:
    """Asks the portal for the digest of what came by SFTP; None while it has not looked.

    A case may hold several files of one name. One with another digest is the bundle, arrived changed, only
    when it was not there before and the portal does not vouch for it.
    """
    before: dict[str, frozenset[str]] = {}

    def confirm(shipment: Shipment) -> str | None:
        named = [file for file in client.files(number) if file.name == shipment.name]
        first = before.setdefault(shipment.key, frozenset(file.id for file in named))
        looked = [file for file in named if file.sha256 and file.check is not FileCheck.CHECKING]
        if any(file.sha256 == shipment.sha256 and file.check is not FileCheck.DIFFERS for file in looked):
            return shipment.sha256
        changed = (file for file in looked if file.id not in first and file.check is not FileCheck.VERIFIED)
        return next((f"{file.check}: {file.sha256}" for file in changed), None)

    return confirm
