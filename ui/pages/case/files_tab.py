"""The Files tab: what was sent and received, proof by proof, with the manifest of each bundle."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.bundle.manifest import Manifest
from app.decoding import ready
from app.domain.errors import CaseferryError, PeerError
from app.domain.files import Origin
from app.portal.contract import CaseFile
from app.transfer.downloads import local_name
from ui.pages.case.fetching import Fetching, FetchState
from ui.pages.case.file_row import CHECK_WIDTH, TIME_WIDTH, FileRow
from ui.pages.case.file_text import FilesFilter, chip_text, passes
from ui.pages.case.going_on import GoingOn
from ui.pages.case.manifest_panel import ManifestPanel
from ui.shell.services import FetchingPace, PortalService
from ui.tasks import Task
from ui.widgets.buttons import ChipRow, push_button
from ui.widgets.by_turns import ByTurns
from ui.widgets.glyphs import Note, error_note
from ui.widgets.labels import Rule, TextLabel
from ui.widgets.scroll_column import ScrollColumn


def safe_name(name: str) -> str:
    """The last part of a name from outside, free of what a file system treats specially."""
    return local_name(name)


def free_path(folder: Path, name: str, *, taken: Collection[Path] = ()) -> Path:
    """A path in the folder that no file has yet, and that is not `taken`: ``name (2).zip``."""
    wanted = folder / safe_name(name)
    number = 2
    while wanted.exists() or wanted in taken:
        stem, suffix = Path(safe_name(name)).stem, Path(safe_name(name)).suffix
        wanted = folder / f"{stem} ({number}){suffix}"
        number += 1
    return wanted


def read_manifest_bytes(data: bytes) -> Manifest:
    """Decode a manifest as the portal gave it.

    Raises:
        PeerError: it is not a manifest of this format.
    """
    try:
        return msgspec.json.decode(data, type=ready(Manifest))
    except msgspec.DecodeError as error:
        raise PeerError(
            "The manifest is not understood",
            happened="The portal's answer is not a manifest of format 1.",
            todo="Update Caseferry, or download the bundle and look at manifest.json.",
            code="CF-1620",
        ) from error


class FilesTab(QWidget):
    """The list of a case's files.

    Signals:
        attach: the button *Attach files*.
    """

    attach = Signal()

    def __init__(
        self,
        portal: PortalService,
        *,
        clock: Callable[[], datetime],
        downloads: Path | None = None,
        pace: FetchingPace | None = None,
        going_on: Callable[[QObject], GoingOn] = GoingOn,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._make_going_on = going_on
        self._fetching: dict[tuple[str, str], Fetching] = {}
        self._portal, self._clock, self._pace = portal, clock, pace
        standard = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        self._downloads = downloads or Path(standard or Path.home())
        self._case = ""
        self._files: list[CaseFile] = []
        self._rows: dict[str, FileRow] = {}
        self._panels: dict[str, QWidget] = {}
        self._to_open: set[str] = set()
        self._to_reveal = ""
        self._turns = ByTurns(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(24, 10, 24, 10)
        self.chips = ChipRow([each.value for each in FilesFilter], name=self.tr("Which files"))
        self.chips.chosen.connect(lambda _value: self._fill())
        bar.addWidget(self.chips, 1)
        self.attach_button = push_button(self.tr("Attach files"), self.attach.emit, icon="attach", small=True)
        bar.addWidget(self.attach_button)
        column.addLayout(bar)
        self._scroll = ScrollColumn()
        self._list = self._scroll.column
        column.addWidget(self._scroll, 1)

    def show_files(self, case: str, files: list[CaseFile]) -> None:
        """Show these files; what is open stays open when it is the same case."""
        if case != self._case:
            self._panels.clear()
            self._rows.clear()
            self._to_open.clear()
            self._to_reveal = ""
        if case == self._case and files == self._files and self._rows:
            return
        self._case, self._files = case, files
        for each in FilesFilter:
            self.chips.set_text(each.value, chip_text(each, files))
        self._fill()

    @property
    def building(self) -> bool:
        """Whether rows that are to be shown are not there yet."""
        return self._turns.under_way

    def row(self, file_id: str) -> FileRow | None:
        """The row of a file that is shown."""
        return self._rows.get(file_id)

    def panel(self, file_id: str) -> QWidget | None:
        """What is shown below an open file."""
        return self._panels.get(file_id)

    def reveal(self, file_id: str) -> None:
        """Bring a file into view and focus it, as soon as all rows are there."""
        if self.building:
            self._to_reveal = file_id
            return
        row = self._rows.get(file_id)
        if row is not None:
            row.setFocus(Qt.FocusReason.OtherFocusReason)
            self._scroll.ensureWidgetVisible(row)

    def _fill(self) -> None:
        self._turns.stop()
        opened = {file_id for file_id, row in self._rows.items() if row.open} | self._to_open
        self._scroll.clear()
        self._rows.clear()
        self._panels.clear()
        self._to_open = opened
        chosen = FilesFilter(self.chips.value())
        steps: list[Callable[[], None]] = []
        for origin, caption in (
            (Origin.CUSTOMER, self.tr("Sent to support")),
            (Origin.SUPPORT, self.tr("From support")),
        ):
            group = [f for f in self._files if f.origin is origin and passes(f, chosen)]
            if group:
                steps.append(partial(self._add_head, caption, columns=not steps))
                steps += [partial(self._add_row, file) for file in group]
        if not steps:
            steps.append(partial(self._add_empty, chosen))
        self._turns.begin([*steps, self._open_again], at_once=self.isVisible())

    def _open_again(self) -> None:
        for file_id in self._to_open & self._rows.keys():
            self._toggle(file_id)
        self._to_open = set()
        if self._to_reveal:
            # Qt shows and places the last rows behind this turn.
            QTimer.singleShot(0, self, partial(self.reveal, self._to_reveal))
            self._to_reveal = ""

    def _add_head(self, caption: str, *, columns: bool) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(24, 8, 20, 6)
        row.addWidget(TextLabel(caption, scale="label", role="text.secondary", medium=True), 1)
        if columns:
            check = TextLabel(self.tr("Check"), scale="label", role="text.secondary", medium=True)
            check.setFixedWidth(CHECK_WIDTH + 6)
            sent = TextLabel(self.tr("Sent"), scale="label", role="text.secondary", medium=True)
            sent.setFixedWidth(TIME_WIDTH + 36)
            row.addWidget(check)
            row.addWidget(sent)
        self._scroll.append(head)
        self._scroll.append(Rule())

    def _add_row(self, file: CaseFile) -> None:
        shown = FileRow(file, now=self._clock(), parent=self._scroll.widget())
        shown.toggled.connect(lambda file_id=file.id: self._toggle(file_id))
        shown.download.connect(lambda file_id=file.id: self.download(file_id))
        self._rows[file.id] = shown
        self._scroll.append(shown)
        self._show_fetching(self._case, file.id)

    def _add_empty(self, chosen: FilesFilter) -> None:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(24, 48, 24, 24)
        column.setSpacing(8)
        title = TextLabel(
            self.tr("No files yet") if chosen is FilesFilter.ALL else self.tr("No such file"),
            scale="subtitle",
        )
        text = TextLabel(
            self.tr("Drop files here. They are masked on this PC first, and you see what was masked."),
            role="text.secondary",
            wrap=True,
        )
        for label in (title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        self._scroll.append(holder)

    def _toggle(self, file_id: str) -> None:
        row = self._rows[file_id]
        row.set_open(not row.open)
        panel = self._panels.get(file_id)
        if panel is not None:
            panel.setVisible(row.open)
            return
        if row.open:
            self._load(file_id)

    def _load(self, file_id: str) -> None:
        waiting = Note("info", "", self.tr("Reading the manifest…"))
        self._put_panel(file_id, waiting)
        case = self._case

        def load() -> Manifest:
            return read_manifest_bytes(self._portal.manifest(case, file_id))

        Task.run(load, owner=self).on_done(
            lambda manifest: self._show_manifest(case, file_id, manifest)
        ).on_error(lambda error: self._show_error(case, file_id, error))

    def _show_manifest(self, case: str, file_id: str, manifest: Manifest) -> None:
        row = self._rows.get(file_id)
        if case != self._case or row is None:
            return
        row.show_manifest(manifest)
        panel = ManifestPanel(manifest)
        panel.save_wanted.connect(lambda: self._save_manifest(file_id))
        self._put_panel(file_id, panel)
        panel.setVisible(row.open)

    def _show_error(self, case: str, file_id: str, error: CaseferryError) -> None:
        if case == self._case and file_id in self._rows:
            self._put_panel(file_id, error_note(error, retry=lambda: self._load(file_id)))

    def _put_panel(self, file_id: str, panel: QWidget) -> None:
        old = self._panels.pop(file_id, None)
        if old is not None:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._list.insertWidget(self._list.indexOf(self._rows[file_id]) + 1, panel)
        self._panels[file_id] = panel

    def _save_manifest(self, file_id: str) -> None:
        name = f"{safe_name(self._rows[file_id].file.name)}.manifest.json"
        dialog = QFileDialog(self, self.tr("Save manifest"), str(self._downloads / name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self._write_manifest(file_id, Path(path)))
        dialog.open()

    def _write_manifest(self, file_id: str, target: Path) -> None:
        case = self._case

        def save() -> None:
            target.write_bytes(self._portal.manifest(case, file_id))

        Task.run(save, owner=self).on_error(lambda error: self._show_error(case, file_id, error))

    def download(self, file_id: str) -> None:
        """Fetch a file into the downloads folder, with progress; a broken download goes on where it ended.

        It goes on, too, while other files or another case are shown.
        """
        key = (self._case, file_id)
        fetching = self._fetching.get(key) or self._new_fetching(*key, size=self._rows[file_id].file.size)
        if fetching.state is FetchState.MOVING:
            return
        self._drop_panel_of_error(file_id)
        kept = fetching.target if fetching.under_way and not fetching.target.exists() else None
        taken = {each.target for each in self._fetching.values() if each.under_way}
        fetching.begin(kept or free_path(self._downloads, self._rows[file_id].file.name, taken=taken))

    def _new_fetching(self, case: str, file_id: str, *, size: int) -> Fetching:
        fetch = self._portal.download if self._pace is None else partial(self._pace.fetch, self._portal)
        made = Fetching(
            self,
            fetch=lambda target, tell: fetch(case, file_id, target, on_progress=tell),
            size=size,
            held=lambda: self._pace is not None and self._pace.held,
            going_on=self._make_going_on,
        )
        made.changed.connect(lambda: self._show_fetching(case, file_id))
        self._fetching[case, file_id] = made
        return made

    def _show_fetching(self, case: str, file_id: str) -> None:
        """How a download is, on its row, when that is shown."""
        fetching, row = self._fetching.get((case, file_id)), self._rows.get(file_id)
        if fetching is None or row is None or case != self._case:
            return
        fetching.show_on(row)
        if fetching.error is not None:
            self._put_panel(file_id, error_note(fetching.error, retry=lambda: self.download(file_id)))

    def _drop_panel_of_error(self, file_id: str) -> None:
        failed = self._fetching[self._case, file_id].error is not None
        panel = self._panels.pop(file_id, None) if failed else None
        if panel is not None:
            panel.hide()
            panel.deleteLater()
