"""What the steps of a job work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.catalogue import Catalogue
from agent.jobs.journal import JobJournal
from agent.jobs.preview import Previews
from agent.jobs.sending import Sender
from agent.jobs.spool import Spool
from agent.jobs.studies import Studies
from app.masking import Engine, ResidualCheck
from app.masking.lens import Lens

MOST_VOLUME = 64 * 1_000_000
"""Raw bytes that go into one bundle, unless the configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the steps need.

    Attributes:
        level: of compression; the default of the bundle's format when None.
        volume: raw bytes that go into one bundle of a rule's job; a larger file has one of its own.
        hold: pins the segments of a job before they are read; called with its id.
        begin: called first by every thread that prepares.
        breathe: called again and again while a job is prepared, by any of them; it may rest.
    """

    journal: JobJournal
    catalogue: Catalogue
    spool: Spool
    engine: Engine
    check: ResidualCheck
    lens: Lens | None
    previews: Previews
    studies: Studies
    sender: Sender
    host: str
    created_by: str
    level: int | None = None
    volume: int = MOST_VOLUME
    hold: Callable[[str], None] = lambda _job: None
    begin: Callable[[], None] = lambda: None
    breathe: Callable[[], None] = lambda: None
