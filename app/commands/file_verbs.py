"""The verbs that carry files to a case and from it, and their options, for cyclopts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from app.commands.carrying_options import FetchingOptions, PackingOptions, TransferOptions
from app.commands.console import Screen
from app.commands.options import MaskingOptions
from app.commands.portal_options import PortalOptions, ServerOptions, Via

_NO_OPTIONS = PortalOptions()
_NO_MASKING = MaskingOptions()
_NO_PACKING = PackingOptions()
_NO_TRANSFER = TransferOptions()
_NO_FETCHING = FetchingOptions()
_NO_SERVER = ServerOptions()
_Json = Annotated[bool, Parameter(negative=())]
_Flag = Annotated[bool, Parameter(negative=())]


def add_verbs(verbs: App, screen: Screen) -> None:
    """``send``, ``download``, ``fetch`` and ``bundle``."""

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

    @verbs.command(name="fetch")
    def fetch_verb(
        *files: str,
        to: Path = Path(),
        sha256: Annotated[str, Parameter(show_default=False)] = "",
        connections: Annotated[int | None, Parameter(show_default=False)] = None,
        json: _Json = False,
        server: ServerOptions = _NO_SERVER,
        fetching: FetchingOptions = _NO_FETCHING,
    ) -> int:
        """Fetch files of any SFTP server, proven as far as it goes; repeat the command to go on after a cut.

        Args:
            files: sftp://user@host:port/path, or user@host:path.
            to: the folder that they go to; made when it is not there.
            sha256: what the file must be; else the server's own digest, or a .sha256 file beside it, says it.
            connections: at once for one file, 1 to 16; as the server is near or far when left out.
            json: print the result as JSON.
            server: key, host key and proxy.
            fetching: limit, hours, and when to give up.
        """
        from app.commands import fetching as fetching_files

        order = fetching_files.FetchOrder(
            files=files,
            folder=to,
            sha256=sha256,
            connections=connections,
            server=server,
            fetching=fetching,
            json=json,
        )
        return fetching_files.fetch_files(order, screen)

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
