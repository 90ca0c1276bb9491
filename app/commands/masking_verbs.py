"""The verbs of masking and their options, for cyclopts: ``mask``, ``unmask``, ``keys`` and ``lens``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from app.commands.console import Screen
from app.commands.options import MaskingOptions, OrDash

_NO_OPTIONS = MaskingOptions()
_Flag = Annotated[bool, Parameter(negative=())]


def add_verbs(verbs: App, screen: Screen) -> None:
    """Everything that masks, checks what was masked, or turns it back."""
    _add_mask(verbs, screen)
    _add_unmask(verbs, screen)
    _add_keys(verbs, screen)
    _add_lens(verbs, screen)


def _add_mask(verbs: App, screen: Screen) -> None:
    @verbs.command(name="mask")
    def mask_verb(
        *paths: Path,
        out: Path | None = None,
        report: Path | None = None,
        page: Path | None = None,
        preview: _Flag = False,
        all: _Flag = False,
        options: MaskingOptions = _NO_OPTIONS,
    ) -> int:
        """Mask files into a folder, or show before and after; the originals stay as they are.

        Args:
            paths: files and folders; a file keeps its name relative to the folder that was named.
            out: the output folder.
            report: where the report (JSON) goes.
            page: where the report for people (HTML) goes; none when left out.
            preview: show before and after side by side, and write nothing.
            all: with --preview, lines that stay as they are, too.
            options: rules, key, check and lens.
        """
        if preview:
            from app.commands import preview as shown

            return shown.preview(shown.PreviewOrder(paths=paths, all=all, masking=options), screen)
        from app.commands import mask

        order = mask.order_of(paths, out=out, report=report, page=page, masking=options)
        return mask.mask(order, screen)


def _add_unmask(verbs: App, screen: Screen) -> None:
    @verbs.command(name="unmask")
    def unmask_verb(
        answer: OrDash, /, *, lens: Path, key_file: Path | None = None, out: Path | None = None
    ) -> int:
        """Turn the tokens of an answer back into names and numbers, for the holder of the key.

        Args:
            answer: a file, the text itself, or - to read it from standard input.
            lens: the file that was named with --lens when the logs were masked.
            key_file: pseudonym keys; your own from the vault when left out.
            out: write the result to this new file, for you only, instead of showing it.
        """
        from app.commands import unmask

        return unmask.unmask(answer, screen, lens=lens, key_file=key_file, out=out)


def _add_keys(verbs: App, screen: Screen) -> None:
    keys = App(name="keys", help="Make, rotate and move the keys that tokens are made with.")
    verbs.command(keys)

    @keys.command
    def new(*, key_file: Path | None = None) -> int:
        """Make the first key; one that is there stays.

        Args:
            key_file: where it goes; your vault when left out.
        """
        from app.commands import keys as doing

        return doing.new(screen, key_file=key_file)

    @keys.command
    def rotate(*, key_file: Path | None = None) -> int:
        """Make a new key; the one until now is kept, so that the lens still opens.

        Args:
            key_file: where the keys are; your vault when left out.
        """
        from app.commands import keys as doing

        return doing.rotate(screen, key_file=key_file)

    @keys.command
    def show(*, key_file: Path | None = None) -> int:
        """Show which keys there are, by their ids; a key itself is never shown.

        Args:
            key_file: where the keys are; your vault when left out.
        """
        from app.commands import keys as doing

        return doing.show(screen, key_file=key_file)

    @keys.command
    def export(file: Path, /, *, key_file: Path | None = None, passphrase_file: Path | None = None) -> int:
        """Write the keys for the next server, sealed under a passphrase.

        Args:
            file: the new file.
            key_file: where the keys are; your vault when left out.
            passphrase_file: file with the passphrase in its first line; you are asked when left out.
        """
        from app.commands import keys as doing

        return doing.export(file, screen, key_file=key_file, passphrase_file=passphrase_file)

    @keys.command(name="import")
    def import_verb(
        file: Path,
        /,
        *,
        key_file: Path | None = None,
        passphrase_file: Path | None = None,
        replace: _Flag = False,
    ) -> int:
        """Take the keys that another server exported.

        Args:
            file: what keys export wrote.
            key_file: where the keys go; your vault when left out.
            passphrase_file: file with the passphrase in its first line; you are asked when left out.
            replace: the key that is here steps back to the older ones.
        """
        from app.commands import keys as doing

        return doing.bring_in(
            file, screen, key_file=key_file, passphrase_file=passphrase_file, replace=replace
        )


def _add_lens(verbs: App, screen: Screen) -> None:
    lenses = App(name="lens", help="Look after the file that turns tokens back.")
    verbs.command(lenses)

    @lenses.command(name="show")
    def show_lens(lens: Path, /, *, key_file: Path | None = None) -> int:
        """Show how much a lens holds, without a value.

        Args:
            lens: the file.
            key_file: pseudonym keys; your own from the vault when left out.
        """
        from app.commands import unmask

        return unmask.show(screen, lens=lens, key_file=key_file)

    @lenses.command
    def erase(lens: Path, /, *who: OrDash, key_file: Path | None = None) -> int:
        """Erase a person from a lens.

        Args:
            lens: the file.
            who: tokens such as TEL:88b1e4f0a1b2c3d4, or - to read values, one a line, from standard input.
            key_file: pseudonym keys; your own from the vault when left out.
        """
        from app.commands import unmask

        return unmask.erase(who, screen, lens=lens, key_file=key_file)

    @lenses.command
    def sweep(lens: Path, /, *, key_file: Path | None = None) -> int:
        """Take expired values out of a lens.

        Args:
            lens: the file.
            key_file: pseudonym keys; your own from the vault when left out.
        """
        from app.commands import unmask

        return unmask.sweep(screen, lens=lens, key_file=key_file)
