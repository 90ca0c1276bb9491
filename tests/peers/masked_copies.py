"""Reads what lies masked in an agent's spool."""

from __future__ import annotations

from agent.jobs import Spool
from agent.jobs.rows import FileRow
from app.masking import open_masked


def text_of(spool: Spool, file: FileRow) -> bytes:
    """The masked bytes of a file that was masked, however they lie there."""
    assert file.report is not None
    with open_masked(spool.masked(file.job, file.number), file.report) as copy:
        return copy.read()
