"""The shell, the Cases page and the sign-in page."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.peers.scenes.registry import scene
from tests.peers.scenes.stage import Stage

CALLS_DROP = "0003256109"


@scene("01_cases")
def cases(stage: Stage) -> QWidget:
    stage.shell.cases.list.select_number(CALLS_DROP)
    stage.until(lambda: stage.shell.cases.preview.number() == CALLS_DROP)
    return stage.desktop


@scene("14b_sign_in")
def sign_in(stage: Stage) -> QWidget:
    stage.desktop.show_sign_in()
    page = stage.desktop.sign_in
    assert page is not None
    stage.until(lambda: len(page.checks()) >= 2 and not page.busy())
    return stage.desktop


@scene("16a_no_result")
def no_result(stage: Stage) -> QWidget:
    cases = stage.shell.cases
    cases.filters.words.setText("nothing has these words")
    stage.until(cases.empty.isVisible)
    return stage.desktop


@scene("17_call_support")
def call_support(stage: Stage) -> QWidget:
    stage.shell.cases.list.select_number(CALLS_DROP)
    stage.until(lambda: stage.shell.cases.preview.number() == CALLS_DROP)
    stage.shell.call_support()
    return stage.desktop


@scene("19_command_palette")
def palette(stage: Stage) -> QWidget:
    palette = stage.shell.open_palette()
    palette.field.setText("sip")
    stage.until(lambda: palette.list.count() > 2)
    stage.settle()
    return stage.desktop


@scene("21_bell")
def bell(stage: Stage) -> QWidget:
    stage.until(lambda: stage.shell.session.online)
    stage.shell.open_bell(stage.shell.cases.header.bell)
    return stage.desktop


@scene("22_narrow_1024x640")
def narrow(stage: Stage) -> QWidget:
    stage.resize(1024, 640)
    return stage.desktop


@scene("22_narrow_preview")
def narrow_preview(stage: Stage) -> QWidget:
    stage.resize(1024, 640)
    stage.shell.cases.toggle_preview()
    return stage.desktop
