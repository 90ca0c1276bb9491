"""The Case page: updates, files with an open manifest, questions about typed text, dropping, attaching."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.domain.errors import UnreachableError
from app.domain.files import Origin
from tests.peers.scenes.registry import scene
from tests.peers.scenes.stage import Stage
from ui.pages.case import CasePage
from ui.pages.case.header import FILES
from ui.pages.case.manifest_panel import ManifestPanel
from ui.widgets.feed import MessageItem
from ui.widgets.glyphs import Note

CALLS_DROP = "0003256109"
_TYPED = (
    "The dropped call is at 10:42:17 on 9 June, UUID 7V3K0P5T…. Traces of both instances are in the bundle."
)


def open_case(stage: Stage) -> CasePage:
    """The case of the demo, with everything it loads."""
    stage.shell.open_case(CALLS_DROP)
    page = stage.shell.case
    stage.until(lambda: page.findChildren(MessageItem) and page.header.reply.isEnabled())
    stage.until(lambda: not (page.updates.building or page.files.building))
    stage.until(lambda: page.rail.account_card is not None or page.rail.create_button is not None)
    stage.settle()
    return page


@scene("02a_case_updates")
def updates(stage: Stage) -> QWidget:
    page = open_case(stage)
    page.updates.composer.text.setPlainText(_TYPED)
    page.updates.composer.text.setFocus()
    return stage.desktop


@scene("02a_typed_phone_number")
def typed_phone_number(stage: Stage) -> QWidget:
    page = open_case(stage)
    page.updates.composer.text.setPlainText("Our carrier can be reached at +12025550187 until 18:00.")
    stage.until(lambda: [note for note in page.updates.findChildren(Note) if note.isVisible()])
    return stage.desktop


@scene("02a_sftp_account")
def sftp_account(stage: Stage) -> QWidget:
    page = open_case(stage)
    if page.rail.create_button is not None:
        page.rail.create_button.click()
    stage.until(lambda: page.rail.account_card is not None)
    return stage.desktop


@scene("02b_case_files")
def files(stage: Stage) -> QWidget:
    page = open_case(stage)
    page.show_tab(FILES)
    bundle = next(file for file in page._files if file.has_manifest)
    row = page.files.row(bundle.id)
    assert row is not None
    row.toggled.emit()
    stage.until(lambda: isinstance(page.files.panel(bundle.id), ManifestPanel))
    return stage.desktop


@scene("02b_download_waits")
def download_waits(stage: Stage) -> QWidget:
    page = open_case(stage)
    page.show_tab(FILES)
    file = next(file for file in page._files if file.origin is Origin.SUPPORT)
    cut = UnreachableError(
        "The portal cannot be reached",
        happened="The connection was cut.",
        todo="Wait.",
        code="CF-1510",
        retry_after=45,
    )
    page.files._new_fetching(page.files._case, file.id, size=file.size)._failed(cut)
    stage.settle()
    return stage.desktop


@scene("02_drop_on_case")
def drop(stage: Stage) -> QWidget:
    page = open_case(stage)
    title, line, refused = page.drop_target._words(None)
    page.drop_target.overlay.show_over(title=title, line=line, refused=refused)
    return stage.desktop


@scene("02_attach_sheet")
def attach_sheet(stage: Stage) -> QWidget:
    open_case(stage)
    here = Path(__file__).parent
    sheet = stage.shell.dropping.open_sheet(CALLS_DROP, [here, here / "stage.py"])
    stage.until(lambda: sheet.list.count() == 2)
    return stage.desktop


@scene("22_narrow_case")
def narrow(stage: Stage) -> QWidget:
    open_case(stage)
    stage.resize(1024, 640)
    return stage.desktop
