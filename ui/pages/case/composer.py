"""Writing a comment: grows with the text, keeps a draft, checks for personal values, posts once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMimeData, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, Qt
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.domain.errors import CaseferryError
from app.portal import Draft
from app.portal.contract import Update
from ui.pages.case.typed_text import Check, Finding, find_personal, masked, undecided
from ui.tasks import Latest, Task
from ui.widgets.buttons import push_button
from ui.widgets.glyphs import Note, error_note
from ui.widgets.kinds import kind_phrase
from ui.widgets.labels import TextLabel

DRAFT_MS = 2_000
CHECK_MS = 500
_LINES = (2, 8)
_MAX_LENGTH = 32_000


class DraftStore(Protocol):
    """Where drafts are kept; `app.portal.Drafts` is one. Every call may block."""

    def get(self, case: str) -> Draft | None:
        """The draft of a case, or None."""

    def put(self, case: str, text: str) -> None:
        """Keep a draft; one of blanks only is removed."""


class CommentPoster(Protocol):
    """The one call of the portal that the composer needs."""

    def comment(self, number: str, text: str, key: str) -> Update:
        """Post a comment; the same key never posts twice."""


class GrowingText(QPlainTextEdit):
    """Plain text from two to eight lines high.

    Signals:
        submitted: Ctrl+Enter.
        files_dropped: paths that were dropped or pasted.
    """

    submitted = Signal()
    files_dropped = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("Your comment"))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.textChanged.connect(self._fit)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter posts."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.submitted.emit()
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Files are taken too."""
        return source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Files are attached, not written as text."""
        paths = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
        if paths:
            self.files_dropped.emit(paths)
            return
        super().insertFromMimeData(source)

    def _fit(self) -> None:
        lines = min(max(int(self.document().size().height()), _LINES[0]), _LINES[1])
        frame = 2 * int(self.document().documentMargin()) + 16
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + frame)


class Composer(QWidget):
    """The composer of one case at a time.

    Signals:
        posted: the new `Update`.
        files_dropped: paths dropped on the text.
        add_files: the button *Add files*.
    """

    posted = Signal(object)
    files_dropped = Signal(list)
    add_files = Signal()

    def __init__(
        self,
        portal: CommentPoster,
        drafts: DraftStore,
        *,
        check: Check = find_personal,
        new_key: Callable[[], str] = lambda: str(uuid.uuid4()),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._portal, self._drafts, self._check, self._new_key = portal, drafts, check, new_key
        self._case = ""
        self._key = ""
        self._saved = ""
        self._checked: str | None = None
        self._found: list[Finding] = []
        self._kept: frozenset[str] = frozenset()
        self._post_when_checked = False
        self._busy = False
        self._checking = Latest(self)
        self._reading = Latest(self)
        self._draft_timer = self._timer(DRAFT_MS, self.save_draft)
        self._check_timer = self._timer(CHECK_MS, self._run_check)
        self._build()

    def _timer(self, interval: int, run: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(run)
        return timer

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.text = GrowingText()
        self.text.setPlaceholderText(self.tr("Write to support"))
        self.text.textChanged.connect(self._changed)
        self.text.submitted.connect(self.submit)
        self.text.files_dropped.connect(self.files_dropped)
        column.addWidget(self.text)
        self._notes = QVBoxLayout()
        column.addLayout(self._notes)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.add_button = push_button(
            self.tr("Add files"), self.add_files.emit, kind="quiet", icon="attach", small=True
        )
        self.hint = TextLabel(scale="label", role="text.secondary")
        self.post = push_button(self.tr("Post"), self.submit, kind="primary", icon="send", small=True)
        self.post.setToolTip(
            self.tr("Post ({0})").format(
                QKeySequence("Ctrl+Return").toString(QKeySequence.SequenceFormat.NativeText)
            )
        )
        row.addWidget(self.add_button)
        row.addStretch(1)
        row.addWidget(self.hint)
        row.addWidget(self.post)
        column.addLayout(row)
        self._show_state()

    def show_case(self, case: str, *, hint: str) -> None:
        """Write to this case; another case's text is saved as its draft first."""
        self.hint.setText(hint)
        if case == self._case:
            return
        self.save_draft()
        self._case = case
        self._forget()
        self.text.clear()
        self._saved = ""
        self._reading.run(self._drafts.get, case).on_done(self._restore)

    def _forget(self) -> None:
        self._key, self._checked, self._found = "", None, []
        self._kept = frozenset()
        self._post_when_checked = self._busy = False
        self._checking.cancel()
        self._check_timer.stop()
        self._draft_timer.stop()
        self._clear_notes()

    def _restore(self, draft: Draft | None) -> None:
        if draft is None:
            return
        self._saved = draft.text
        if not self.text.toPlainText():
            self.text.setPlainText(draft.text)
            self.text.moveCursor(self.text.textCursor().MoveOperation.End)

    def _changed(self) -> None:
        self._key = ""
        self._post_when_checked = False
        if not self._draft_timer.isActive():
            self._draft_timer.start()
        self._check_timer.start()
        self._clear_notes()
        self._show_state()

    def save_draft(self) -> None:
        """Keep what is written now; does nothing when it is kept already."""
        self._draft_timer.stop()
        text = self.text.toPlainText()
        if not self._case or text == self._saved:
            return
        self._saved = text
        Task.run(self._drafts.put, self._case, text, owner=self)

    def _run_check(self) -> None:
        text = self.text.toPlainText()
        if not text.strip():
            self._checked, self._found = text, []
            return
        self._checking.run(self._check, text).on_done(partial(self._take_check, text)).on_error(
            self._check_failed
        )

    def _take_check(self, text: str, found: list[Finding]) -> None:
        if text != self.text.toPlainText():
            return
        self._checked, self._found = text, found
        self._clear_notes()
        open_ones = undecided(text, found, self._kept)
        if open_ones:
            self._post_when_checked = False
            self._ask_about(open_ones[0], len(open_ones))
        self._show_state()
        if self._post_when_checked:
            self._post_now()

    def _check_failed(self, error: CaseferryError) -> None:
        self._post_when_checked = False
        self._clear_notes()
        self._notes.addWidget(error_note(error, retry=self._run_check))
        self._show_state()

    def _ask_about(self, finding: Finding, number: int) -> None:
        more = self.tr("{0} more after this one.").format(number - 1) if number > 1 else ""
        note = Note("warn", self.tr("This looks like {0}.").format(kind_phrase(finding.kind)), more)
        note.add_button(self.tr("Mask"), lambda: self._mask(finding))
        note.add_button(self.tr("Keep"), lambda: self._keep(finding))
        self._notes.addWidget(note)
        cursor = self.text.textCursor()
        if not cursor.hasSelection() and not self.text.hasFocus():
            cursor.setPosition(finding.start)
            cursor.setPosition(finding.end, cursor.MoveMode.KeepAnchor)
            self.text.setTextCursor(cursor)

    def _mask(self, finding: Finding) -> None:
        cursor = self.text.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(masked(self.text.toPlainText(), finding, self._found))
        self._check_timer.stop()
        self._run_check()

    def _keep(self, finding: Finding) -> None:
        text = self.text.toPlainText()
        self._kept |= {text[finding.start : finding.end]}
        self._take_check(text, self._found)

    def submit(self) -> None:
        """Post, after the check; does nothing while there is no text or a post is on its way."""
        text = self.text.toPlainText()
        if self._busy or not text.strip() or len(text) > _MAX_LENGTH:
            return
        self._post_when_checked = True
        if self._checked != text:
            self._check_timer.stop()
            self._run_check()
        else:
            self._take_check(text, self._found)

    def _post_now(self) -> None:
        self._post_when_checked = False
        self._busy = True
        self._key = self._key or self._new_key()
        self._clear_notes()
        self._show_state()
        case, text = self._case, self.text.toPlainText()
        Task.run(self._portal.comment, case, text, self._key, owner=self).on_done(
            lambda update: self._posted(case, update)
        ).on_error(lambda error: self._failed(case, error))

    def _posted(self, case: str, update: Update) -> None:
        Task.run(self._drafts.put, case, "", owner=self)
        if case == self._case:
            self._forget()
            self._saved = ""
            self.text.clear()
            self._draft_timer.stop()
            self._check_timer.stop()
            self._show_state()
        self.posted.emit(update)

    def _failed(self, case: str, error: CaseferryError) -> None:
        if case != self._case:
            return
        self._busy = False
        self._notes.addWidget(error_note(error, retry=self.submit))
        self._show_state()

    def _clear_notes(self) -> None:
        while (item := self._notes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _show_state(self) -> None:
        text = self.text.toPlainText()
        self.text.setReadOnly(self._busy)
        asking = self._checked == text and bool(undecided(text, self._found, self._kept))
        too_long = len(text) > _MAX_LENGTH
        self.post.setEnabled(bool(text.strip()) and not self._busy and not asking and not too_long)
        self.post.setText(self.tr("Posting…") if self._busy else self.tr("Post"))
        if too_long:
            self._clear_notes()
            self._notes.addWidget(
                Note("warn", self.tr("This is too long."), self.tr("A comment holds 32 000 characters."))
            )
