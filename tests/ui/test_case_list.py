"""The case list: groups, folding, rows by window, keys, and a hundred thousand cases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.cases import Turn
from app.portal.contract import Case
from tests.bench.bench_cases import NOW, made_up_cases
from tests.peers.processor_time import kept, seconds_of
from ui.pages.cases.delegate import closing_text
from ui.pages.cases.groups import CaseListModel, Group
from ui.pages.cases.list_view import GROUP_HEIGHT, CaseListView

MANY = 100_000


class Shelf:
    """Hands rows out at once, and counts what was asked."""

    def __init__(self, cases: list[Case]) -> None:
        self.cases = {case.number: case for case in cases}
        self.asked: list[list[str]] = []
        self.model = CaseListModel(self.ask, clock=lambda: NOW)

    def ask(self, numbers: object) -> None:
        self.asked.append(list(numbers))  # type: ignore[call-overload]

    def give(self) -> None:
        for numbers in self.asked:
            self.model.put_rows((each, self.cases[each]) for each in numbers)
        self.asked.clear()


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf(list(made_up_cases(60)))
    numbers = list(shelf.cases)
    shelf.model.set_groups(
        [
            Group(Turn.YOU, tuple(numbers[:20])),
            Group(Turn.THIRD_PARTY, ()),
            Group(Turn.SUPPORT, tuple(numbers[20:])),
        ]
    )
    return shelf


@pytest.fixture
def view(qtbot: QtBot, shelf: Shelf) -> CaseListView:
    view = CaseListView(clock=lambda: NOW)
    qtbot.addWidget(view)
    view.setModel(shelf.model)
    view.resize(850, 600)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_the_model_keeps_the_rules_of_qt(shelf: Shelf) -> None:
    tester = QAbstractItemModelTester(shelf.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    shelf.model.row_at(1)
    shelf.give()
    shelf.model.fold(Turn.YOU, folded=True)
    shelf.model.set_groups([])
    assert tester.model() is shelf.model


def test_an_empty_group_has_no_header(shelf: Shelf) -> None:
    assert [group.turn for group in shelf.model.groups()] == [Turn.YOU, Turn.SUPPORT]


def test_folding_takes_the_rows_of_a_group_out_and_keeps_its_header(shelf: Shelf) -> None:
    shelf.model.fold(Turn.YOU, folded=True)
    assert shelf.model.headers() == [0, 1]
    assert shelf.model.rowCount() == 42


def test_rows_are_asked_for_by_window_and_only_once(shelf: Shelf) -> None:
    shelf.model.row_at(5)
    shelf.model.row_at(6)
    assert len(shelf.asked) == 1
    assert "#you" not in shelf.asked[0]


def test_a_failed_ask_is_asked_again_at_the_next_look(shelf: Shelf) -> None:
    shelf.model.row_at(5)
    shelf.model.give_up(shelf.asked.pop())
    shelf.model.row_at(5)
    assert len(shelf.asked) == 1


def test_a_changed_row_stays_visible_until_its_successor_comes(shelf: Shelf) -> None:
    shelf.model.row_at(1)
    shelf.give()
    number = shelf.model.id_at(1)
    shelf.model.invalidate([number])
    assert shelf.model.row_at(1) is not None
    assert shelf.asked == [[number]]


def test_every_position_belongs_to_the_row_that_is_painted_there(view: CaseListView) -> None:
    model = view.cases()
    for place in range(model.rowCount()):
        top, bottom = view.top_of(place), view.top_of(place + 1)
        assert view.place_at(top) == place
        assert view.place_at(bottom - 1) == place
    assert view.place_at(view.top_of(model.rowCount())) == -1
    assert view.top_of(1) == GROUP_HEIGHT


def test_j_and_k_move_over_headers(qtbot: QtBot, view: CaseListView, shelf: Shelf) -> None:
    view.select_number(shelf.model.id_at(20))
    qtbot.keyClick(view, Qt.Key.Key_J)
    assert view.currentIndex().row() == 22
    qtbot.keyClick(view, Qt.Key.Key_K)
    assert view.currentIndex().row() == 20


def test_enter_opens_the_selected_case(qtbot: QtBot, view: CaseListView, shelf: Shelf) -> None:
    view.select_number(shelf.model.id_at(3))
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened.args == [shelf.model.id_at(3)]


def test_a_click_on_a_header_folds_its_group(qtbot: QtBot, view: CaseListView, shelf: Shelf) -> None:
    qtbot.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(shelf.model.index(0)).center()
    )
    assert shelf.model.folded(Turn.YOU)


def test_the_selection_is_kept_when_the_group_above_folds(
    qtbot: QtBot, view: CaseListView, shelf: Shelf
) -> None:
    number = shelf.model.id_at(25)
    view.select_number(number)
    qtbot.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(shelf.model.index(0)).center()
    )
    assert view.current_number() == number


def test_a_screen_reader_hears_the_number_digit_by_digit(shelf: Shelf) -> None:
    shelf.model.row_at(1)
    shelf.give()
    text = shelf.model.data(shelf.model.index(1), int(Qt.ItemDataRole.AccessibleTextRole))
    number = shelf.model.id_at(1)
    assert " ".join(number) in text
    assert "priority" in text


def test_a_hundred_thousand_cases_are_placed_scrolled_and_painted_at_once(
    qtbot: QtBot, qapp: QApplication
) -> None:
    def quick() -> bool:
        model = CaseListModel(lambda _numbers: None, clock=lambda: NOW)
        view = CaseListView(clock=lambda: NOW)
        qtbot.addWidget(view)
        view.setModel(model)
        view.resize(850, 800)
        view.show()

        def place_scroll_and_paint() -> None:
            model.set_groups([Group(Turn.SUPPORT, tuple(f"{number:010}" for number in range(MANY)))])
            view.grab()
            for share in (0.9, 0.1, 0.5):
                view.verticalScrollBar().setValue(round(view.verticalScrollBar().maximum() * share))
                view.grab()

        seconds = seconds_of(place_scroll_and_paint)
        assert view.verticalScrollBar().maximum() > MANY * 40
        return seconds < 1.0

    assert kept(quick)


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=8, hours=3), "8 d"),
        (timedelta(days=5, hours=1, minutes=59), "5 d 1 h"),
        (timedelta(days=5), "5 d"),
        (timedelta(hours=5, minutes=10, seconds=59), "5 h 10 min"),
    ],
)
def test_the_time_to_close_is_said_in_two_units(left: timedelta, text: str) -> None:
    assert closing_text(left.total_seconds()) == text
