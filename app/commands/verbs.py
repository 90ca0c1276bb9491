"""The verbs of ``caseferry`` and their options, for cyclopts.

Each hands on to the file that does it, which is imported then: a command starts with what it needs only.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

import app
from app.commands.agents_verbs import add_agents_verbs
from app.commands.console import Screen
from app.commands.masking_verbs import add_masking_verbs
from app.commands.options import (
    FetchingOptions,
    MaskingOptions,
    OrDash,
    PackingOptions,
    PortalOptions,
    TransferOptions,
    Via,
)
from app.commands.rules_verbs import add_rules_verbs
from app.commands.transfer_verbs import add_transfer_verbs
from app.domain.cases import Priority, Status, parse_case_number
from app.domain.errors import InputError
from app.portal.contract.cases import CaseView

_NO_OPTIONS = PortalOptions()
_NO_MASKING = MaskingOptions()
_NO_PACKING = PackingOptions()
_NO_TRANSFER = TransferOptions()
_NO_FETCHING = FetchingOptions()
_Json = Annotated[bool, Parameter(negative=())]
_Flag = Annotated[bool, Parameter(negative=())]


def application(screen: Screen) -> App:
    """The command line of ``caseferry``."""
    verbs = App(
        name="caseferry",
        help="Support cases, masked logs and verified transfers.",
        version=app.__version__,
        help_format="plaintext",
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    _add_portal_verbs(verbs, screen)
    _add_file_verbs(verbs, screen)
    add_masking_verbs(verbs, screen)
    add_rules_verbs(verbs, screen)
    add_transfer_verbs(verbs, screen)
    add_agents_verbs(verbs, screen)
    _add_processes(verbs)
    _add_doctor(verbs, screen)
    return verbs


def _add_portal_verbs(verbs: App, screen: Screen) -> None:
    @verbs.command(name="sign-in")
    def sign_in(*, device: _Flag = False, options: PortalOptions = _NO_OPTIONS) -> int:
        """Sign in to the portal, in the browser.

        Args:
            device: sign in by a code on another device, when no browser can be opened here.
            options: which portal.
        """
        from app.commands import signing

        return signing.sign_in(options, screen, device=device)

    @verbs.command(name="sign-out")
    def sign_out(*, options: PortalOptions = _NO_OPTIONS) -> int:
        """Sign out of the portal."""
        from app.commands import signing

        return signing.sign_out(options, screen)

    @verbs.command
    def cases(
        *,
        view: CaseView = CaseView.MINE,
        account: str = "",
        status: list[Status] | None = None,
        priority: list[Priority] | None = None,
        component: list[str] | None = None,
        words: str = "",
        sort: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-updated",
        limit: int = 25,
        all: _Flag = False,
        json: _Json = False,
        options: PortalOptions = _NO_OPTIONS,
    ) -> int:
        """List cases.

        Args:
            view: mine, group, waiting (for you), urgent (critical and high), closed or admin.
            account: only this (Sold To, End User) combination, by its id.
            status: only this status; may be repeated.
            priority: only this priority; may be repeated.
            component: only this component; may be repeated.
            words: only cases with these words or this number.
            sort: updated, opened, number, priority, subject, status or closes; a leading - turns it round.
            limit: how many, 1 to 500.
            all: every case, page after page.
            json: print JSON.
            options: which portal.
        """
        from app.commands import listing
        from app.portal.contract import CaseFilter

        wanted = CaseFilter(
            view=view,
            account=account,
            status=status or [],
            priority=priority or [],
            component=component or [],
            words=words,
            sort=sort,
            limit=limit,
        )
        return listing.list_cases(options, screen, wanted=wanted, everything=all, json=json)

    @verbs.command
    def case(number: str, /, *, json: _Json = False, options: PortalOptions = _NO_OPTIONS) -> int:
        """Show a case, its files and the newest entries of its feed.

        Args:
            number: the case number.
            json: print JSON.
            options: which portal.
        """
        from app.commands import listing

        return listing.show_case(options, screen, number=number, json=json)

    @verbs.command
    def comment(number: str, text: OrDash, /, *, options: PortalOptions = _NO_OPTIONS) -> int:
        """Comment a case.

        Args:
            number: the case number.
            text: the comment; - reads it from standard input.
            options: which portal.
        """
        from app.commands.reaching import reach

        number = parse_case_number(number)
        words = sys.stdin.read() if text == "-" else text
        if not words.strip():
            raise InputError(
                "The comment is empty",
                happened="It holds no word; nothing was sent.",
                todo="Write the comment behind the case number, or - to read it from standard input.",
                code="CF-1155",
            )
        reached = reach(options)
        client = reached.client(reached.tokens())
        client.comment(number, words)
        screen.line(f"Commented case {number}.")
        return 0


def _add_file_verbs(verbs: App, screen: Screen) -> None:
    @verbs.command(name="send")
    def send_verb(
        number: str,
        /,
        *paths: Path,
        via: Via = Via.HTTPS,
        acknowledge: _Flag = False,
        json: _Json = False,
        masking: MaskingOptions = _NO_MASKING,
        packing: PackingOptions = _NO_PACKING,
        transfer: TransferOptions = _NO_TRANSFER,
        options: PortalOptions = _NO_OPTIONS,
    ) -> int:
        """Mask files, bundle them, and send them to a case; repeat the command to go on after a cut.

        Args:
            number: the case number.
            paths: files and folders.
            via: https or sftp.
            acknowledge: your word that no personal or regulated data is in the files (R-FILE-1).
            json: print the result as JSON.
            masking: rules, key, check and lens.
            packing: format and level of the bundle.
            transfer: limit, connections, and when to give up.
            options: which portal.
        """
        from app.commands import send

        order = send.SendOrder(
            case=number,
            paths=paths,
            via=via,
            acknowledge=acknowledge,
            masking=masking,
            packing=packing,
            transfer=transfer,
            json=json,
        )
        return send.send_files(options, order, screen)

    @verbs.command(name="download")
    def download_verb(
        number: str,
        /,
        *files: str,
        to: Path = Path(),
        all: _Flag = False,
        json: _Json = False,
        fetching: FetchingOptions = _NO_FETCHING,
        options: PortalOptions = _NO_OPTIONS,
    ) -> int:
        """Fetch files of a case, proven by the portal's digests; repeat the command to go on after a cut.

        Args:
            number: the case number.
            files: names or ids of files; without any, what support has put there.
            to: the folder that they go to; made when it is not there.
            all: every file of the case.
            json: print the result as JSON.
            fetching: limit, hours, and when to give up.
            options: which portal.
        """
        from app.commands import downloading

        order = downloading.DownloadOrder(
            case=number, files=files, folder=to, everything=all, fetching=fetching, json=json
        )
        return downloading.download_files(options, order, screen)

    bundle = App(name="bundle", help="Seal and prove bundles.")
    verbs.command(bundle)

    @bundle.command(name="seal")
    def seal_verb(
        number: str,
        /,
        *paths: Path,
        out: Path,
        level: Annotated[int | None, Parameter(show_default=False)] = None,
        json: _Json = False,
        masking: MaskingOptions = _NO_MASKING,
    ) -> int:
        """Mask files and seal them into a bundle for a case, which is not sent.

        Args:
            number: the case number.
            paths: files and folders.
            out: the bundle; a name in .zip, or in .tar.zst, which is smaller.
            level: of compression, as for send.
            json: print the result as JSON.
            masking: rules, key, check and lens.
        """
        from app.commands import bundles

        order = bundles.SealOrder(case=number, paths=paths, out=out, level=level, masking=masking, json=json)
        return bundles.seal(order, screen)

    @bundle.command(name="send")
    def send_bundles_verb(
        *paths: Path,
        first: Annotated[list[Path] | None, Parameter(negative=(), show_default=False)] = None,
        at_once: int = 2,
        via: Via = Via.HTTPS,
        acknowledge: _Flag = False,
        json: _Json = False,
        transfer: TransferOptions = _NO_TRANSFER,
        options: PortalOptions = _NO_OPTIONS,
    ) -> int:
        """Send bundles that were sealed before to the cases they were sealed for, several at once.

        Args:
            paths: bundles; a case with many holds up no other.
            first: one of them that goes before the others; may be repeated.
            at_once: how many are sent at a time, 1 to 8.
            via: https or sftp.
            acknowledge: your word that no personal or regulated data is in them (R-FILE-1).
            json: print the result as JSON.
            transfer: limit, connections, and when to give up.
            options: which portal.
        """
        from app.commands import bundle_sends

        order = bundle_sends.BundlesOrder(
            paths=paths,
            first=first or [],
            at_once=at_once,
            via=via,
            acknowledge=acknowledge,
            transfer=transfer,
            json=json,
        )
        return bundle_sends.send_bundles(options, order, screen)

    @bundle.command
    def verify(file: Path, /, *, json: _Json = False) -> int:
        """Prove that every byte of a bundle is what its manifest says.

        Args:
            file: the bundle.
            json: print JSON.
        """
        from app.commands import bundles

        return bundles.verify(file, screen, json=json)


def _add_doctor(verbs: App, screen: Screen) -> None:
    doctor = App(name="doctor", help="Find out what is wrong.")
    verbs.command(doctor)

    @doctor.command
    def network(*, json: _Json = False, options: PortalOptions = _NO_OPTIONS) -> int:
        """Try the way to the portal step by step, and say which step fails.

        Args:
            json: print JSON.
            options: which portal, and the way to it.
        """
        from app.commands import doctor as examination

        return examination.doctor_network(options, screen, json=json)


def _add_processes(verbs: App) -> None:
    @verbs.command
    def portal(
        *,
        data: Path,
        listen: str = "127.0.0.1:8443",
        sftp: str = "",
        no_sftp: _Flag = False,
        demo: _Flag = False,
    ) -> int:
        """Run the built-in portal.

        Args:
            data: its data folder; made when missing.
            listen: HOST:PORT for HTTPS.
            sftp: HOST:PORT for SFTP; a free port beside HTTPS when left out.
            no_sftp: serve HTTPS only; temporary SFTP accounts cannot be made then.
            demo: fill an empty portal with demo data.
        """
        from app.commands import processes

        arguments = ["--data", str(data), "--listen", listen]
        if sftp:
            arguments += ["--sftp", sftp]
        if no_sftp:
            arguments.append("--no-sftp")
        if demo:
            arguments.append("--demo")
        return processes.run_portal(arguments)

    @verbs.command(name="demo")
    def demo_verb(*, headless: _Flag = False, keep: Path | None = None) -> int:
        """Show the whole product on made-up logs: portal, agent, masking, transfer and desktop.

        Args:
            headless: no window; print a table and end.
            keep: a folder for everything the demo writes; a temporary one, removed at the end, when left out.
        """
        from app.commands.demo import run_demo

        run_demo(headless=headless, keep=keep)
        return 0
