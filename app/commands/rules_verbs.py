"""The verbs of ``caseferry rules`` and their options, for cyclopts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from app.commands.console import Screen

_Json = Annotated[bool, Parameter(negative=())]


def add_verbs(verbs: App, screen: Screen) -> None:
    """Everything about masking rules that masks nothing."""
    rules = App(name="rules", help="Check, import and compare masking rules, and go back to earlier ones.")
    verbs.command(rules)

    @rules.command
    def check(file: Path | None = None, /, *, profile: str = "", json: _Json = False) -> int:
        """Read a rule file and each of its profiles, and say what it holds.

        Args:
            file: the rule file; the product's own when left out.
            profile: the profile whose digest is shown.
            json: print JSON.
        """
        from app.commands import rules as doing

        return doing.check(file, screen, profile=profile, json=json)

    @rules.command
    def compare(before: str, after: str, /, *, profile: str = "", json: _Json = False) -> int:
        """Show what differs between two rule files.

        Args:
            before: a rule file, the digest of a kept version, or default for the product's own.
            after: likewise.
            profile: of both.
            json: print JSON.
        """
        from app.commands import rules as doing

        return doing.compare_files(before, after, screen, profile=profile, json=json)

    @rules.command(name="import")
    def import_verb(source: Path, /, *, out: Path, name: str = "") -> int:
        """Make a rule file of what the site has: a [log-filter-data] key list, or a JSON list of patterns.

        Args:
            source: an options file, or a list of objects with regex and priority (.json).
            out: the new rule file.
            name: of the rule set; that of the source when left out.
        """
        from app.commands import rules as doing

        return doing.bring_in(source, screen, out=out, name=name)

    @rules.command
    def gather(*paths: Path, out: Path) -> int:
        """Write the hosts that the headers of logs name, as a list of site values.

        Args:
            paths: logs and folders of logs.
            out: the new list; name it under [site] in the rule file.
        """
        from app.commands import rules as doing

        return doing.gather_site_values(paths, screen, out=out)

    @rules.command(name="list")
    def list_verb(*, json: _Json = False) -> int:
        """Show the versions of rules that were used here.

        Args:
            json: print JSON.
        """
        from app.commands import rules as doing

        return doing.show_versions(screen, json=json)

    @rules.command
    def rollback(digest: str, /, *, out: Path) -> int:
        """Put an earlier version in the place of a rule file; what stood there is kept.

        Args:
            digest: six digits of it or more, as rules list shows them.
            out: the rule file.
        """
        from app.commands import rules as doing

        return doing.roll_back(digest, screen, out=out)
