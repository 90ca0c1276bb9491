"""The Updates tab: the composer above the feed, fifty entries at a time, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.errors import CaseferryError
from app.portal.contract import CaseFile, Page, Update
from ui.pages.case.composer import CommentPoster, Composer, DraftStore
from ui.pages.case.feed_text import PAGE_SIZE, FeedEntry, FeedFilter, chip_text, entry_of, passes
from ui.pages.case.file_text import icon_of
from ui.pages.case.typed_text import Check, find_personal
from ui.widgets.buttons import ChipRow, push_button
from ui.widgets.by_turns import ByTurns
from ui.widgets.feed import EventLine, MessageItem, separated
from ui.widgets.glyphs import Note, error_note
from ui.widgets.labels import Rule, TextLabel
from ui.widgets.moments import both_zones_text, moment_text
from ui.widgets.quantities import size_text
from ui.widgets.scroll_column import ScrollColumn


class UpdatesTab(QWidget):
    """Composer, chips and feed of one case.

    Signals:
        posted: a comment was posted.
        add_files, files_dropped: from the composer.
        file_chosen: id of a file whose chip was clicked.
        older_wanted: the cursor of the next page.
    """

    posted = Signal(object)
    add_files = Signal()
    files_dropped = Signal(list)
    file_chosen = Signal(str)
    older_wanted = Signal(str)

    def __init__(
        self,
        portal: CommentPoster,
        drafts: DraftStore,
        *,
        clock: Callable[[], datetime],
        check: Check = find_personal,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._updates: list[Update] = []
        self._files: Mapping[str, CaseFile] = {}
        self._cursor: str | None = None
        self._shown = PAGE_SIZE
        self._more = False
        self._position = 0
        self._turns = ByTurns(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 14, 24, 0)
        column.setSpacing(0)
        self.composer = Composer(portal, drafts, check=check)
        self.composer.posted.connect(self.posted)
        self.composer.add_files.connect(self.add_files)
        self.composer.files_dropped.connect(self.files_dropped)
        column.addWidget(self.composer)
        self._refusal = Note("info", "", "", icon="eye")
        self._refusal.hide()
        column.addWidget(self._refusal)
        column.addSpacing(14)
        column.addWidget(Rule())
        column.addSpacing(12)
        bar = QHBoxLayout()
        self.chips = ChipRow([each.value for each in FeedFilter], name=self.tr("Which updates"))
        self.chips.chosen.connect(lambda _value: self._refilter())
        bar.addWidget(self.chips, 1)
        bar.addWidget(TextLabel(self.tr("Newest first"), scale="label", role="text.secondary"))
        column.addLayout(bar)
        column.addSpacing(8)
        self._scroll = ScrollColumn()
        self._scroll.setAccessibleName(self.tr("Updates, newest first"))
        self._scroll.column.setContentsMargins(0, 0, 0, 12)
        column.addWidget(self._scroll, 1)

    @property
    def building(self) -> bool:
        """Whether entries that are to be shown are not there yet."""
        return self._turns.under_way

    def show_page(self, page: Page[Update], *, append: bool) -> None:
        """Show the first page, or add an older one."""
        if append:
            known = {update.id for update in self._updates}
            self._updates += [update for update in page.items if update.id not in known]
            self._shown += PAGE_SIZE
        else:
            same = page.items == self._updates[: len(page.items)] and bool(page.items)
            if same and (len(self._updates) > len(page.items) or page.next_cursor == self._cursor):
                return
            self._updates = list(page.items)
            self._shown = PAGE_SIZE
        self._cursor = page.next_cursor
        self._refill()

    def show_files(self, files: Mapping[str, CaseFile]) -> None:
        """Names and sizes for the chips of files."""
        known, self._files = self._files, files
        named = {file_id for update in self._updates for file_id in update.files}
        if any(known.get(file_id) != files.get(file_id) for file_id in named):
            self._refill()

    def show_error(self, error: CaseferryError, retry: Callable[[], object]) -> None:
        """The feed could not be read; what is shown stays."""
        if not self._updates:
            self._clear()
            self._scroll.append(error_note(error, retry=retry))

    def clear(self) -> None:
        """Another case comes."""
        self._updates, self._files, self._cursor = [], {}, None
        self._clear()
        self._scroll.verticalScrollBar().setValue(0)

    def refuse_writing(self, title: str, reason: str) -> None:
        """Show why one cannot write, in place of the composer; an empty reason brings the composer back."""
        self.composer.setVisible(not reason)
        self._refusal.setVisible(bool(reason))
        self._refusal.set_words(title, reason)

    def _refilter(self) -> None:
        self._shown = PAGE_SIZE
        self._refill()

    def _clear(self) -> None:
        self._turns.stop()
        self._scroll.clear()

    def _refill(self) -> None:
        for each in FeedFilter:
            text = chip_text(each, self._updates, complete=self._cursor is None)
            self.chips.set_text(each.value, text)
        if not self.building:
            # Of what is half built: the place that it is to come back to is known already.
            self._position = self._scroll.verticalScrollBar().value()
        self._clear()
        chosen = FeedFilter(self.chips.value())
        wanted = [update for update in self._updates if passes(update, chosen)]
        self._more = len(wanted) > self._shown or bool(self._cursor)
        if not wanted:
            empty = self.tr("No update yet") if chosen is FeedFilter.ALL else self.tr("Nothing of this kind")
            self._scroll.append(TextLabel(empty, role="text.secondary"))
        entries = [partial(self._add_entry, update) for update in wanted[: self._shown]]
        self._turns.begin([*entries, self._end_feed], at_once=self.isVisible())

    def _add_entry(self, update: Update) -> None:
        separated(self._scroll, self._item(entry_of(update)))

    def _end_feed(self) -> None:
        if self._more:
            row = QWidget()
            line = QHBoxLayout(row)
            self.older = push_button(self.tr("Older updates"), self._older, small=True)
            line.addStretch(1)
            line.addWidget(self.older)
            line.addStretch(1)
            separated(self._scroll, row)
        self._scroll.verticalScrollBar().setValue(self._position)

    def _older(self) -> None:
        if self._cursor:
            self.older.setEnabled(False)
            self.older_wanted.emit(self._cursor)
        else:
            self._shown += PAGE_SIZE
            self._refill()

    def _item(self, entry: FeedEntry) -> QWidget:
        update = entry.update
        time = moment_text(update.at, now=self._clock())
        tooltip = both_zones_text(update.at)
        if not entry.is_message:
            return EventLine(
                icon=entry.icon, rich=entry.rich, time=time, tooltip=tooltip, spoken=entry.spoken
            )
        item = MessageItem(
            author=entry.author or self.tr("Support"),
            from_support=update.from_support,
            time=time,
            meta=entry.meta,
            tooltip=tooltip,
            spoken=entry.spoken,
        )
        for block in entry.blocks:
            if block.code:
                item.add_code(block.text)
            else:
                item.add_text(block.text)
        chips = [self._file_chip(file_id) for file_id in update.files]
        item.add_files([chip for chip in chips if chip is not None])
        item.file_chosen.connect(self.file_chosen)
        return item

    def _file_chip(self, file_id: str) -> tuple[str, str, str, str] | None:
        file = self._files.get(file_id)
        return (file.id, file.name, size_text(file.size), icon_of(file)) if file is not None else None
