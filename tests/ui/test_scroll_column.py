"""A column that is filled bit by bit: what is there already stands as it will stand in the end."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.labels import TextLabel
from ui.widgets.scroll_column import ScrollColumn


def an_entry() -> QWidget:
    return TextLabel("an entry of one line", wrap=True)


def test_an_entry_has_its_own_height_while_others_are_still_to_come(qtbot: QtBot) -> None:
    column = ScrollColumn()
    qtbot.addWidget(column)
    column.resize(600, 900)
    first = an_entry()
    column.append(first)
    column.grab()
    alone = first.geometry()
    for _ in range(9):
        column.append(an_entry())
    column.grab()
    assert first.geometry() == alone
    assert 0 < alone.height() < 60


def test_entries_stand_in_the_order_they_came_also_after_others_went(qtbot: QtBot) -> None:
    column = ScrollColumn()
    qtbot.addWidget(column)
    column.resize(600, 900)
    for _ in range(2):
        column.clear()
        entries = [an_entry() for _ in range(4)]
        for entry in entries:
            column.append(entry)
        column.grab()
        tops = [entry.y() for entry in entries]
        assert tops == sorted(set(tops))
        assert tops[0] == 0
