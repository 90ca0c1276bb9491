"""The attach sheet: what is sent, to which case, over which way, before masking begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.agentlink import Drop, Job, SftpAccess, Via
from app.domain.cases import parse_case_number
from app.domain.errors import CaseferryError, InputError
from app.domain.places import place_of
from app.portal.contract import SftpAccount
from app.transfer import HostKey
from ui.pages.attach.chosen import Chosen, measure
from ui.pages.attach.overlay import local_paths
from ui.pages.case.actions import account_life
from ui.shell.services import HostKeyBook, Services
from ui.shell.shaded import ShadedDialog
from ui.shell.trust_dialog import TrustDialog
from ui.tasks import Latest, Task
from ui.theme import current_theme
from ui.widgets.buttons import push_button
from ui.widgets.glyphs import Note, error_note
from ui.widgets.labels import TextLabel

_WIDTH = 560


def access_of(account: SftpAccount) -> SftpAccess:
    """What the agent needs of a temporary account."""
    return SftpAccess(
        host=account.host,
        port=account.port,
        host_key=account.host_key,
        user=account.user,
        password=account.password,
    )


class AttachSheet(ShadedDialog):
    """Chooses files and the way they take, and has the agent check them.

    Signals:
        started: the `Job` the agent made; it stops for review.
    """

    started = Signal(object)

    def __init__(
        self,
        services: Services,
        *,
        case: str = "",
        paths: list[Path] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(QCoreApplication.translate("AttachSheet", "Attach files"), parent=parent)
        self._services = services
        self._clock: Callable[[], datetime] = services.clock
        self._chosen: list[Chosen] = []
        self._account: SftpAccount | None = None
        self._measuring = Latest(self)
        self._asking = Latest(self)
        self._busy = False
        self.setMinimumWidth(_WIDTH)
        self.setAcceptDrops(True)
        self._build(case)
        self.add_paths(paths or [])
        self._case_changed()

    def _build(self, case: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(24, 20, 24, 16)
        inside.setSpacing(8)
        title = self.tr("Attach to {0}").format(case) if case else self.tr("Send files to a case")
        inside.addWidget(TextLabel(title, scale="subtitle"))
        text = self.tr("Everything is masked on this PC first. You see what was masked before it is sent.")
        inside.addWidget(TextLabel(text, role="text.secondary", wrap=True))
        inside.addSpacing(4)
        self.number = QLineEdit(case)
        self.number.setPlaceholderText(self.tr("Case number, for example 0003256109"))
        self.number.setAccessibleName(self.tr("Case number"))
        self.number.setVisible(not case)
        self.number.textChanged.connect(lambda _text: self._case_changed())
        inside.addWidget(self.number)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Files and folders to send"))
        self.list.setFixedHeight(132)
        self.list.setFrameShape(QFrame.Shape.StyledPanel)
        inside.addWidget(self.list)
        buttons = QHBoxLayout()
        self.files_button = push_button(self.tr("Add files"), self._choose_files, icon="add", small=True)
        self.folder_button = push_button(
            self.tr("Add a folder"), self._choose_folder, icon="folder", small=True
        )
        self.remove_button = push_button(self.tr("Remove"), self._remove, small=True, kind="quiet")
        for button in (self.files_button, self.folder_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        inside.addSpacing(6)
        inside.addWidget(TextLabel(self.tr("Way"), scale="label", role="text.secondary"))
        self.https = QRadioButton(self.tr("HTTPS, goes on after any break"))
        self.https.setChecked(True)
        self.sftp = QRadioButton(self.tr("The case's temporary SFTP account"))
        self.sftp_line = TextLabel(scale="label", role="text.secondary", wrap=True)
        self.sftp_line.setContentsMargins(24, 0, 0, 0)
        for widget in (self.https, self.sftp, self.sftp_line):
            inside.addWidget(widget)
        self._notes = QVBoxLayout()
        inside.addLayout(self._notes)
        column.addWidget(body)
        column.addWidget(self._foot())

    def _foot(self) -> QWidget:
        foot = QFrame()
        foot.setProperty("kind", "footer")
        row = QHBoxLayout(foot)
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(8)
        self.reason = TextLabel(scale="label", role="text.secondary")
        row.addWidget(self.reason, 1)
        self.cancel = push_button(self.tr("Cancel"), self.reject)
        self.begin = push_button(self.tr("Check masking"), self.start, kind="primary", icon="shield_lock")
        self.begin.setDefault(True)
        row.addWidget(self.cancel)
        row.addWidget(self.begin)
        return foot

    def add_paths(self, paths: list[Path]) -> None:
        """Add files or folders; what is there already is not doubled."""
        known = {each.path for each in self._chosen}
        fresh = [path for path in paths if path not in known]
        if fresh:
            self._measuring.run(measure, fresh).on_done(self._take_measured).on_error(self.show_error)
        self._show_state()

    def _take_measured(self, found: list[Chosen]) -> None:
        self._chosen += found
        icons = current_theme()
        for each in found:
            item = QListWidgetItem(f"{each.path.name}   {each.line}")
            item.setIcon(icons.icon("folder" if each.is_folder else "document"))
            item.setToolTip(str(each.path))
            self.list.addItem(item)
        self._show_state()

    def _remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.list.takeItem(row)
            del self._chosen[row]
        self._show_state()

    def _choose_files(self) -> None:
        self._open_dialog(QFileDialog.FileMode.ExistingFiles, self.tr("Choose files"))

    def _choose_folder(self) -> None:
        self._open_dialog(QFileDialog.FileMode.Directory, self.tr("Choose a folder"))

    def _open_dialog(self, mode: QFileDialog.FileMode, title: str) -> None:
        dialog = QFileDialog(self, title)
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.add_paths([Path(name) for name in names]))
        dialog.open()

    def _case_number(self) -> str:
        try:
            return parse_case_number(self.number.text())
        except InputError:
            return ""

    def _case_changed(self) -> None:
        self._account = None
        case = self._case_number()
        if case:
            self._asking.run(self._services.portal.sftp_account, case).on_done(self._take_account).on_error(
                lambda _error: self._take_account(None)
            )
        self._take_account(None)

    def _take_account(self, account: SftpAccount | None) -> None:
        life = account_life(account, now=self._clock()) if account is not None else None
        alive = life is not None and life.alive
        self._account = account if alive else None
        self.sftp.setEnabled(alive)
        if not alive:
            self.https.setChecked(True)
        self.sftp_line.setText(
            life.left if life is not None else self.tr("None lives now. Create one on the case's page.")
        )
        self._show_state()

    def why_not(self) -> str:
        """The visible reason why masking cannot begin yet."""
        if self._services.agent is None:
            return self.tr("No agent on this PC")
        if not self._case_number():
            return self.tr("Which case?")
        if not self._chosen:
            return self.tr("Add files, or drop them here")
        return ""

    def _show_state(self) -> None:
        reason = self.why_not()
        self.reason.setText(self.tr("Starting…") if self._busy else reason)
        self.begin.setEnabled(not reason and not self._busy)
        self.remove_button.setEnabled(self.list.count() > 0)

    def start(self) -> None:
        """Give the files to the agent."""
        agent = self._services.agent
        if agent is None or self.why_not() or self._busy:
            return
        self._busy = True
        self._show_state()
        account = self._account if self.sftp.isChecked() else None
        book = self._services.host_keys
        if account is None or book is None:
            self._drop(None if account is None else access_of(account))
            return
        Task.run(book.known, account.host, account.port, account.host_key, owner=self).on_done(
            lambda key: self._look_at(account, book) if key is None else self._drop_with(account, key)
        ).on_error(self._refused)

    def _look_at(self, account: SftpAccount, book: HostKeyBook) -> None:
        """The portal tells no host key: a person compares what the server shows, once."""
        Task.run(book.look, account.host, account.port, owner=self).on_done(
            lambda key: self._ask_about(account, key, book)
        ).on_error(self._refused)

    def _ask_about(self, account: SftpAccount, key: HostKey, book: HostKeyBook) -> None:
        place = place_of(account.host, account.port)
        dialog = TrustDialog(
            self.tr("The portal does not tell the host key of {0}. The server shows this one.").format(place),
            digest=key.kind,
            fingerprint=key.fingerprint,
            trust=self.tr("Trust this host key"),
            parent=self,
        )
        dialog.agreed.connect(lambda: self._keep(account, key, book))
        dialog.rejected.connect(self._not_trusted)
        dialog.open()

    def _keep(self, account: SftpAccount, key: HostKey, book: HostKeyBook) -> None:
        Task.run(book.keep, account.host, account.port, key, owner=self).on_done(
            lambda _none: self._drop_with(account, key)
        ).on_error(self._refused)

    def _not_trusted(self) -> None:
        self._busy = False
        self._show_state()

    def _drop_with(self, account: SftpAccount, key: HostKey) -> None:
        self._drop(replace(access_of(account), host_key=key.line))

    def _drop(self, access: SftpAccess | None) -> None:
        agent = self._services.agent
        if agent is None:
            return
        drop = Drop(
            case=self._case_number(),
            paths=[str(each.path.absolute()) for each in self._chosen],
            via=Via.HTTPS if access is None else Via.SFTP,
            sftp=access,
        )
        Task.run(agent.drop, drop, owner=self).on_done(self._started).on_error(self._refused)

    def _started(self, job: Job) -> None:
        self.started.emit(job)
        self.accept()

    def _refused(self, error: CaseferryError) -> None:
        self._busy = False
        self.show_error(error)
        self._show_state()

    def show_error(self, error: CaseferryError) -> None:
        """Say why it was refused; what was chosen stays."""
        self._clear_notes()
        note: Note = error_note(error)
        self._notes.addWidget(note)

    def _clear_notes(self) -> None:
        while (item := self._notes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped here too."""
        if local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add them."""
        self.add_paths(local_paths(event.mimeData()))
        event.acceptProposedAction()
