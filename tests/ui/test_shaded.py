"""Dialogs stand over the shaded window, and give it its light back."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from ui.shell.call import CallDialog
from ui.shell.palette import Palette
from ui.shell.question import Question
from ui.shell.scrim import Scrim
from ui.shell.shaded import ShadedDialog
from ui.widgets.labels import TextLabel


def shaded(window: QWidget) -> bool:
    return any(each.isVisible() for each in window.findChildren(Scrim))


def made(inside: QWidget) -> list[ShadedDialog]:
    return [
        Question("Is it?", width=300, parent=inside),
        CallDialog([], None, parent=inside),
        Palette([], lambda _words: [], parent=inside),
    ]


def test_each_dialog_shades_the_window_while_it_shows(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(900, 700)
    inside = QLabel("inside", window)
    qtbot.addWidget(window)
    window.show()
    for dialog in made(inside):
        assert not shaded(window)
        dialog.open()
        assert shaded(window)
        middle = window.mapFromGlobal(dialog.geometry().center()).x()
        assert abs(middle - window.rect().center().x()) <= 8  # a frame may be wider at one side
        dialog.reject()
        assert not shaded(window)


def test_a_question_is_as_high_as_its_words(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    question = Question("Is it?", width=600, parent=window)
    words = TextLabel("It fills one line at this width, and at no width that is much smaller.", wrap=True)
    question.column.addWidget(words)
    question.open()
    assert words.height() == words.heightForWidth(words.width())


def test_without_a_window_nothing_is_shaded(qtbot: QtBot) -> None:
    dialog = ShadedDialog("Alone", parent=None)
    qtbot.addWidget(dialog)
    dialog.open()
    assert dialog.windowTitle() == "Alone"
    assert dialog.isVisible()
