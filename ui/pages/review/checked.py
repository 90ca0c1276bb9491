"""When a review is complete: every masked file was opened, or has no finding and is skipped. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.agentlink import Job, JobFile
from ui.widgets.quantities import plural


@dataclass(slots=True)
class Review:
    """What a person has looked at in one job.

    Attributes:
        opened: names of files whose lines were shown.
        left_out: names of files taken out by hand.
        skip_clean: whether files without findings count as looked at.
        acknowledged: the word of R-FILE-1.
    """

    opened: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    skip_clean: bool = False
    acknowledged: bool = False

    def is_checked(self, file: JobFile) -> bool:
        """Whether this file needs no further look."""
        if file.state != "masked" or file.name in self.left_out or file.name in self.opened:
            return True
        return self.skip_clean and not sum(file.counts.values())

    def open_files(self, files: Sequence[JobFile]) -> list[JobFile]:
        """Files that are still to be looked at."""
        return [file for file in files if not self.is_checked(file)]

    def goes(self, file: JobFile) -> bool:
        """Whether this file would be sent."""
        return file.state == "masked" and file.name not in self.left_out

    def why_not(self, job: Job) -> str:
        """The visible reason why it cannot be sent yet; empty when it can."""
        if not any(self.goes(file) for file in job.files):
            return "No file is left to send"
        left = self.open_files(job.files)
        if left:
            verb = "is" if len(left) == 1 else "are"
            return f"{plural(len(left), 'file', 'files')} {verb} not looked at yet"
        if not self.acknowledged:
            return "Tick the box when you have checked the masking"
        return ""


def held_reason(file: JobFile) -> tuple[str, str]:
    """Title and text for a file that is not masked and therefore not sent."""
    if file.state == "quarantined":
        reason = file.reason or "Masking could not read it."
        return (
            "Held back: it could not be masked",
            f"{reason} It stays on this PC and is not part of the bundle.",
        )
    if file.state == "left-out":
        return "Left out", f"{file.reason or 'Taken out by hand.'} It is not part of the bundle."
    return "Not masked yet", "It is shown when the agent has masked it."


def hit_words(kind_title: str, token: str, number: int, total: int, *, more: bool) -> str:
    """For screen readers: ``Phone number, masked as TEL 88b1e4, hit 12 of 701``; never the raw value."""
    shown = token.strip("<>").replace(":", " ")
    return f"{kind_title}, masked as {shown}, hit {number} of {total}{'+' if more else ''}"
