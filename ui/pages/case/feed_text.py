"""What an entry of a case's feed says: pure, from an `Update` to the texts that are drawn."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.cases import SUBSTATUSES, Status
from app.portal.contract import Update, UpdateKind

PAGE_SIZE = 50
_CODE_INDENT = "    "
_SAME_MOMENT = timedelta(seconds=2)
_STATE_NAMES = re.compile(
    "|".join(
        f"{re.escape(status.value)}(?: · (?:{'|'.join(re.escape(s.value) for s in subs)}))?"
        for status, subs in SUBSTATUSES.items()
        if status is not Status.OPEN
    )
    + r"|\bOpen(?: · (?:"
    + "|".join(re.escape(s.value) for s in SUBSTATUSES[Status.OPEN])
    + r"))?\b"
)
_CHANNELS = {"portal": "portal", "email": "email reply", "phone": "phone"}


class FeedFilter(StrEnum):
    """The chips above the feed."""

    ALL = "All"
    MESSAGES = "Messages"
    FILES = "Files"
    STATUS = "Status"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text or of code."""

    text: str
    code: bool


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry as it is drawn: a one-line event, or a message with author and blocks.

    Attributes:
        icon: name of the icon of a one-line event; empty for messages.
        author: of a message; empty for events.
        meta: what stands behind author and time, such as ``Support · portal``.
        rich: HTML of a one-line event, status names in bold.
    """

    update: Update
    is_message: bool
    icon: str
    author: str
    meta: str
    rich: str
    blocks: tuple[Block, ...]

    @property
    def spoken(self) -> str:
        """The entry for a screen reader."""
        who = f"{self.author}: " if self.author else ""
        return f"{who}{self.update.text}"


def entry_of(update: Update) -> FeedEntry:
    """Decide how an update is shown."""
    is_message = update.kind is UpdateKind.MESSAGE
    return FeedEntry(
        update=update,
        is_message=is_message,
        icon="" if is_message else _icon(update),
        author=update.author if is_message else "",
        meta=_meta(update) if is_message else "",
        rich="" if is_message else _with_bold_states(_event_text(update)),
        blocks=tuple(blocks_of(update.text)) if is_message else (),
    )


def passes(update: Update, chosen: FeedFilter) -> bool:
    """Whether the update is shown under this chip; files of a message count as files too."""
    if chosen is FeedFilter.MESSAGES:
        return update.kind is UpdateKind.MESSAGE
    if chosen is FeedFilter.FILES:
        return update.kind is UpdateKind.FILE or bool(update.files)
    if chosen is FeedFilter.STATUS:
        return update.kind is UpdateKind.STATUS
    return True


def changed_by_support(updates: Sequence[Update], changed: datetime) -> bool | None:
    """Whether support made the change of this moment; None when no person's entry is as old as that."""
    people = [update for update in updates if update.author and update.at <= changed + _SAME_MOMENT]
    return max(people, key=lambda update: update.at).from_support if people else None


def chip_text(chosen: FeedFilter, updates: Sequence[Update], *, complete: bool) -> str:
    """``Messages 5``; without a number on *All*, and with ``+`` while older pages are not loaded."""
    if chosen is FeedFilter.ALL:
        return chosen.value
    number = sum(passes(update, chosen) for update in updates)
    return f"{chosen.value} {number}{'' if complete else '+'}"


def blocks_of(text: str) -> list[Block]:
    """Split plain text into paragraphs and code: lines that begin with four spaces are code."""
    found: list[Block] = []
    run: list[str] = []
    run_is_code = False

    def close() -> None:
        content = "\n".join(run).strip("\n")
        if content.strip():
            found.append(Block(text=content, code=run_is_code))
        run.clear()

    for line in text.splitlines():
        code = line.startswith(_CODE_INDENT)
        if code != run_is_code and (line.strip() or not run_is_code):
            close()
            run_is_code = code
        run.append(line[len(_CODE_INDENT) :] if code else line)
    close()
    return found


def _meta(update: Update) -> str:
    side = "Support" if update.from_support else "You" if update.mine else "Your team"
    channel = _CHANNELS.get(update.channel, update.channel)
    return f"{side} · {channel}" if channel else side


def _event_text(update: Update) -> str:
    text = " ".join(update.text.split())
    if text and update.kind is UpdateKind.FILE and update.author:
        return f"{text}, sent by {update.author}"
    if text:
        return text
    who = update.author or "The portal"
    if update.kind is UpdateKind.FILE:
        return (
            f"{who} added {len(update.files) or 1} files" if len(update.files) != 1 else f"{who} added a file"
        )
    return f"{who} changed the case"


def _with_bold_states(text: str) -> str:
    parts: list[str] = []
    end = 0
    for match in _STATE_NAMES.finditer(text):
        parts += [html.escape(text[end : match.start()]), f"<b>{html.escape(match.group())}</b>"]
        end = match.end()
    parts.append(html.escape(text[end:]))
    return "".join(parts)


def _icon(update: Update) -> str:
    words = update.text.casefold()
    if update.kind is UpdateKind.STATUS:
        return "hourglass"
    if update.kind is UpdateKind.FILE:
        return "document"
    if "sftp" in words:
        return "key"
    if "owner" in words:
        return "person"
    if "mail" in words:
        return "mail"
    return "info"
