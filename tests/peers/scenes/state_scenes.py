"""States of bad days and other people: no portal, a contact who may only read, one with basic access."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.peers.portal import PortalProcess
from tests.peers.scenes.registry import scene
from tests.peers.scenes.stage import Stage
from ui.widgets.glyphs import Note

CALLS_DROP = "0003256109"


@scene("16b_offline")
def offline(stage: Stage) -> QWidget:
    stage.shell.cases.list.select_number(CALLS_DROP)
    stage.until(lambda: stage.shell.cases.preview.number() == CALLS_DROP)
    with PortalProcess(stage.home / "lost", demo=True) as lost:
        desktop, shell = stage.open_other(lost, "Nadia")
        stage.until(lambda: shell.cases.model.ids() and shell.session.online)
    stage.until(shell.banner.isVisible)
    return desktop


@scene("01_cases_read_only")
def read_only(stage: Stage) -> QWidget:
    desktop, shell = stage.open_other(stage.portal, _person(stage, "read-only"))
    cases = shell.cases
    stage.until(lambda: shell.session.online)
    cases.tabs.choose("group")
    stage.until(lambda: cases.list.select_number(CALLS_DROP))
    stage.until(lambda: cases.preview.number() == CALLS_DROP)
    stage.until(lambda: any("Nadia" in each.accessibleDescription() for each in cases.findChildren(Note)))
    return desktop


@scene("01_cases_basic")
def basic(stage: Stage) -> QWidget:
    desktop, shell = stage.open_other(stage.portal, _person(stage, "basic"))
    stage.until(shell.cases.empty.isVisible)
    return desktop


def _person(stage: Stage, level: str) -> str:
    return next(each.name.split()[0] for each in stage.portal.people if each.level == level)
