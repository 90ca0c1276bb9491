"""``caseferry download``: files of a case to this disk, each proven by the portal's digest."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from app.commands.arriving import shown
from app.commands.carrying_options import FetchingOptions
from app.commands.console import Screen
from app.commands.portal_options import PortalOptions
from app.commands.reaching import reach
from app.commands.stopping import stopped_by_signals
from app.domain.cases import parse_case_number
from app.domain.errors import RefusedError
from app.domain.files import Origin
from app.portal import PortalClient
from app.portal.contract import CaseFile
from app.portal.downloads import Downloaded
from app.transfer import (
    Control,
    Limiter,
    Limits,
    RetryPolicy,
    limiter_for,
    parse_hours,
    parse_rate,
    parse_span,
)
from app.transfer.downloads import keep_on, local_name
from app.transfer.downloads.landing import Landing, disk

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class DownloadOrder:
    """What is to be fetched, and where to.

    Attributes:
        files: names or ids; none means what support has put there.
        everything: every file of the case instead.
    """

    case: str
    files: Sequence[str] = ()
    folder: Path = Path()
    everything: bool = False
    fetching: FetchingOptions = field(default_factory=FetchingOptions)
    json: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file of ``download --json``.

    Attributes:
        checked: whether the portal had a digest to compare it with.
        already: whether it lay here, identical, and was not fetched.
    """

    id: str
    file: str
    path: str
    size: int
    sha256: str
    checked: bool
    resumed: bool
    already: bool


Tell = Callable[[int, int], None]


def download_files(options: PortalOptions, order: DownloadOrder, screen: Screen) -> int:
    """Fetch them one after the other; 0 when every one is here.

    Raises:
        RefusedError: the case has no such file (CF-1221), or another file of a name is here (CF-1220).
        UnreachableError: nothing arrived for as long as was asked for; what arrived is kept.
        KeyboardInterrupt: a signal asked it to stop; what arrived is kept.
    """
    number = parse_case_number(order.case)
    limiter, policy = effort_of(order.fetching)
    reached = reach(options)
    client = reached.client(reached.tokens())
    wanted = chosen(client.files(number), order)
    make_folder(order.folder)
    here = {file.id: _lies_here(file, target) for file, target in wanted}
    done = []
    for file, target in wanted:
        if here[file.id]:
            done.append(_fetched(file, target, sha256=file.sha256, already=True))
            continue
        control = Control()
        with (
            stopped_by_signals(control.stop) as signals,
            shown(screen, target.name, size=file.size, how=order.fetching.progress) as arrival,
        ):
            found = keep_on(
                partial(_fetch, client, file, target, limiter, control),
                policy=policy,
                limiter=limiter,
                tell=arrival.tell,
                waiting=arrival.waiting,
                here=Landing(target).all_arrived,
                place=reached.url,
                control=control,
            )
        done.append(_fetched(file, target, sha256=found.sha256, resumed=found.resumed))
        if file is not wanted[-1][0]:
            signals.heed()  # who asked for the end while the last bytes were proven wants no other file
    _say(done, screen, json=order.json)
    return 0


def _fetch(
    client: PortalClient, file: CaseFile, target: Path, limiter: Limiter, control: Control, tell: Tell
) -> Downloaded:
    return client.download(file.case, file.id, target, on_progress=tell, limiter=limiter, control=control)


def effort_of(options: FetchingOptions) -> tuple[Limiter, RetryPolicy]:
    """The limiter and the policy that the options name.

    Raises:
        InputError: one of them is not right (CF-1166, CF-1167, CF-1168).
    """
    limits = Limits(
        rate=parse_rate(options.limit),
        hours=tuple(parse_hours(text) for text in options.hours),
        only_idle=options.only_idle,
    )
    return limiter_for(limits), RetryPolicy(give_up_after=parse_span(options.give_up))


def chosen(files: Sequence[CaseFile], order: DownloadOrder) -> list[tuple[CaseFile, Path]]:
    """The files that are meant, each with the path that it gets. Pure.

    Two files of one name are told apart by a number, always the same one as the case grows.

    Raises:
        RefusedError: a name or an id is none of the case's (CF-1221).
    """
    targets = _targets(sorted(files, key=lambda file: (file.sent, file.id)), order.folder)
    if order.everything:
        wanted = {file.id for file in files}
    elif order.files:
        wanted = set()
        for name in order.files:
            found = {file.id for file in files if name in (file.id, file.name)}
            if not found:
                raise RefusedError(
                    "The case has no such file",
                    happened=f"{name} is neither the name nor the id of one of its {len(files)} files.",
                    todo="`caseferry case N` lists them.",
                    code="CF-1221",
                )
            wanted |= found
    else:
        wanted = {file.id for file in files if file.origin is Origin.SUPPORT}
    return [(file, target) for file, target in targets if file.id in wanted]


def _targets(files: Sequence[CaseFile], folder: Path) -> list[tuple[CaseFile, Path]]:
    found, taken = [], set()
    for file in files:
        name = local_name(file.name)
        stem, suffix, number = Path(name).stem, Path(name).suffix, 2
        # Case is no difference on Windows and macOS.
        while name.casefold() in taken:
            name = f"{stem} ({number}){suffix}"
            number += 1
        taken.add(name.casefold())
        found.append((file, folder / name))
    return found


def make_folder(folder: Path) -> None:
    """The folder, when it is not there.

    Raises:
        LocalError: it cannot be made (CF-1873).
    """
    with disk(folder):
        folder.mkdir(parents=True, exist_ok=True)


def _lies_here(file: CaseFile, target: Path) -> bool:
    """Whether it lies here, identical.

    Raises:
        RefusedError: another file of its name does (CF-1220).
    """
    if not target.exists():
        return False
    if file.sha256 and target.is_file() and target.stat().st_size == file.size:
        digest = hashlib.sha256()
        with target.open("rb") as content:
            while block := content.read(_BLOCK):
                digest.update(block)
        if hmac.compare_digest(digest.hexdigest(), file.sha256.lower()):
            return True
    raise refuse_another(target)


def refuse_another(target: Path) -> RefusedError:
    """The name is taken here by what may be another file."""
    return RefusedError(
        "Another file of this name is here already",
        happened=f"{target.name} is not known to be what was asked for; it was not touched.",
        todo="Move it away, or name another folder with --to.",
        code="CF-1220",
    )


def _fetched(
    file: CaseFile, target: Path, *, sha256: str, resumed: bool = False, already: bool = False
) -> Fetched:
    return Fetched(
        id=file.id,
        file=file.name,
        path=str(target),
        size=file.size,
        sha256=sha256,
        checked=bool(file.sha256),
        resumed=resumed,
        already=already,
    )


def _say(done: Sequence[Fetched], screen: Screen, *, json: bool) -> None:
    if json:
        screen.json(list(done))
        return
    if not done:
        screen.note("Support has put no file there; --all fetches every file of the case.")
        return
    for each in done:
        proof = "identical to the portal's digest" if each.checked else "the portal has no digest to compare"
        how = "here already, " if each.already else ""
        screen.line(f"{each.path}: {each.size} bytes, {how}{proof}")
