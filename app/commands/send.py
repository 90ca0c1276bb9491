"""``caseferry send``: mask, bundle, acknowledge, send, and end with the portal's proof."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.bundle import Manifest
from app.commands.carrying_options import PackingOptions, TransferOptions
from app.commands.console import LEFT_OUT, Screen, counted
from app.commands.masking_run import open_masking
from app.commands.options import MaskingOptions
from app.commands.parcel import Parcel, make_parcel
from app.commands.portal_options import PortalOptions, Via
from app.commands.reaching import reach
from app.commands.stopping import stopped_by_signals
from app.commands.transferring import effort_of, shown
from app.commands.ways import destinations
from app.domain.cases import parse_case_number
from app.domain.errors import RefusedError
from app.domain.files import may_send_files
from app.portal import PortalClient
from app.settings import data_folder
from app.transfer import Control, Journal, Level, Proof, idempotency_key, send

ACKNOWLEDGEMENT = (
    "By sending you acknowledge that the files hold no personal or regulated data (R-FILE-1). Send them?"
)
LEVELS = {
    Level.SERVER_SHA256: "the portal hashed what it stored, and it is identical",
    Level.EVERY_PART: "the server checked the digest of every part",
    Level.COMPANION: "a .sha256 companion lies beside the file",
    Level.SIZE_ONLY: "the size is right; the content was not compared",
}


@dataclass(frozen=True, slots=True)
class SendOrder:
    """What is to be sent, and how."""

    case: str
    paths: Sequence[Path]
    via: Via = Via.HTTPS
    acknowledge: bool = False
    masking: MaskingOptions = field(default_factory=MaskingOptions)
    packing: PackingOptions = field(default_factory=PackingOptions)
    transfer: TransferOptions = field(default_factory=TransferOptions)
    json: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What ``send --json`` prints.

    Attributes:
        doubt: what could not even be compared; empty: the level says all.
        grown: bytes that are in the bundle of files that grew while they were read, by their masked names.
    """

    case: str
    file: str
    size: int
    sha256: str
    via: str
    level: str
    doubt: str
    resumed: int
    members: int
    left_out: int
    counts: dict[str, int]
    grown: dict[str, int]


def send_files(options: PortalOptions, order: SendOrder, screen: Screen) -> int:
    """Send; 0 when everything is in the case, proven; 9 when some files stay here.

    A repeat of the same command after a cut or a kill goes on where it ended and never makes a second file.
    """
    number = parse_case_number(order.case)
    effort = effort_of(order.transfer)
    reached = reach(options)
    tokens = reached.tokens()
    client = reached.client(tokens)
    refuse_closed(client, number)
    state = data_folder() / "sends"
    with open_masking(order.masking) as masking:
        parcel = make_parcel(
            order.paths,
            case=number,
            masking=masking,
            packing=order.packing,
            folder=state / "bundles",
            screen=screen,
        )
    _show(parcel, screen)
    refuse_without_word(screen, given=order.acknowledge)
    acknowledgement = client.acknowledge(number).id
    make = destinations(reached, client, tokens, screen, number=number, via=order.via, word=acknowledgement)
    control = Control()
    with (
        stopped_by_signals(control.stop),
        Journal(state / "journal.db") as journal,
        shown(screen, parcel.bundle.name, size=parcel.bundle.size, how=order.transfer.progress) as show,
    ):
        key = idempotency_key(reached.url, number, parcel.bundle.name, parcel.bundle.sha256)
        if order.transfer.not_there:
            journal.vouch(key, now=time.time())
        proof = send(
            journal,
            parcel.bundle,
            make(),
            key=key,
            control=control,
            on_progress=show,
            policy=effort.policy,
            connections=effort.connections,
            limiter=effort.limiter,
        )
    _say(parcel, proof, order=order, number=number, screen=screen)
    parcel.bundle.path.unlink(missing_ok=True)
    return LEFT_OUT if parcel.manifest.left_out else 0


def refuse_without_word(screen: Screen, *, given: bool) -> None:
    """Have the person acknowledge what is in the files (R-FILE-1).

    Raises:
        RefusedError: the person does not (CF-1240).
    """
    if not (given or screen.ask(ACKNOWLEDGEMENT)):
        raise RefusedError(
            "Nothing was sent",
            happened="Sending needs your word that no personal or regulated data is in the files.",
            todo="Look at the files, then answer yes or give --acknowledge.",
            rule="R-FILE-1",
            code="CF-1240",
        )


def refuse_closed(client: PortalClient, number: str) -> None:
    """Refuse a case that takes no files (R-FILE-1).

    Raises:
        RefusedError: it does not, with the reason (CF-1241).
    """
    verdict = may_send_files(client.case(number).status)
    if not verdict.allowed:
        raise RefusedError(
            "Files cannot be sent to this case",
            happened=verdict.reason,
            todo=verdict.way_out,
            rule=verdict.rule,
            code="CF-1241",
        )


def arrival_lines(proof: Proof, *, number: str, name: str, size: int) -> list[str]:
    """What is said of a bundle that arrived; one of which only the size is known is not called verified."""
    proven = proof.level is not Level.SIZE_ONLY
    lines = [
        f"{'Verified' if proven else 'Arrived'} in case {number}: {name}, {size} bytes",
        f"  SHA-256 {proof.sha256}",
        f"  Level {proof.level}: {proof.doubt or LEVELS[proof.level]}.",
    ]
    if not proven:
        lines.append("  Warning: have the receiver compare this SHA-256 with that of the file there.")
    return lines


def _show(parcel: Parcel, screen: Screen) -> None:
    manifest = parcel.manifest
    if parcel.again:
        screen.note("An earlier run had masked and sealed these files; it goes on from there.")
    if parcel.before:
        screen.note(
            f"An earlier run had sealed {parcel.before}, which did not arrive; the files, the rules, the key,"
            " the packing or this program have changed since. This is a new transfer, from its first byte;"
            " what the portal has of that one it lets go of by itself."
        )
    screen.note(
        f"{counted(len(manifest.members), 'file', 'files')} masked,"
        f" {counted(sum(manifest.counts.values()), 'value', 'values')} replaced"
        f" ({_kinds(manifest)}), {parcel.bundle.size} bytes to send."
    )
    for line in (*parcel.left_here, *parcel.still_written):
        screen.note(line)


def _kinds(manifest: Manifest) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in sorted(manifest.counts.items())) or "none"


def _say(parcel: Parcel, proof: Proof, *, order: SendOrder, number: str, screen: Screen) -> None:
    if order.json:
        screen.json(
            Sent(
                case=number,
                file=parcel.bundle.name,
                size=parcel.bundle.size,
                sha256=proof.sha256,
                via=order.via,
                level=proof.level,
                doubt=proof.doubt,
                resumed=proof.resumed,
                members=len(parcel.manifest.members),
                left_out=len(parcel.manifest.left_out),
                counts=parcel.manifest.counts,
                grown=dict(parcel.grown),
            )
        )
        return
    for line in arrival_lines(proof, number=number, name=parcel.bundle.name, size=parcel.bundle.size):
        screen.line(line)
    if proof.resumed:
        screen.line(f"  Resumed {'once' if proof.resumed == 1 else f'{proof.resumed} times'}.")
