"""The states of the Cases page besides its list, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QCoreApplication

from app.portal.contract import CaseView, ViewCounts
from ui.pages.cases.filters import Filters
from ui.widgets.quantities import plural


class CasesState(Enum):
    """What fills the place of the list."""

    LIST = auto()
    EMPTY = auto()
    LOADING = auto()
    LOCKED = auto()


@dataclass(frozen=True, slots=True)
class EmptyWords:
    """Icon, title and sentence of an empty state."""

    icon: str
    title: str
    text: str


def locked_words() -> EmptyWords:
    """What a contact with basic access sees instead of cases (R-ACC-3)."""
    translate = QCoreApplication.translate
    return EmptyWords(
        "lock_closed",
        translate("CaseStates", "Cases need Read-only access"),
        translate(
            "CaseStates",
            "Your access level for this account is Basic: knowledge, tutorials and alerts. Support changes it"
            " with an Admin case; that takes up to two working days.",
        ),
    )


def empty_words(view: CaseView, filters: Filters, counts: ViewCounts) -> EmptyWords:
    """Why the list is empty: the filters, or because nothing is there."""
    if filters.narrowed:
        return EmptyWords("filter", "No case matches", _hidden_by(view, filters, counts))
    if view is CaseView.WAITING:
        open_cases = counts.counts.get(CaseView.MINE.value, 0)
        told = "You are told when one of them needs an answer."
        text = f"{plural(open_cases, 'case is', 'cases are')} with support. {told}" if open_cases else told
        return EmptyWords("checkmark_circle", "Nothing waits on you", text)
    titles = {
        CaseView.MINE: "You have no open case",
        CaseView.GROUP: "This account has no open case",
        CaseView.URGENT: "No case is high or critical",
        CaseView.CLOSED: "No case was closed in the last 30 days",
        CaseView.ADMIN: "There is no Admin case",
    }
    return EmptyWords("checkmark_circle", titles[view], "New cases and changes appear here by themselves.")


def _hidden_by(view: CaseView, filters: Filters, counts: ViewCounts) -> str:
    reasons = []
    if filters.words:
        reasons.append(f"the words “{filters.words}”")
    for name, values in (
        ("Status", [each.value for each in filters.status]),
        ("Component", list(filters.component)),
        ("Priority", [each.value for each in filters.priority]),
    ):
        if values:
            reasons.append(f"“{name}: {', '.join(values)}”")
    hidden = counts.counts.get(view.value, 0)
    return f"{plural(hidden, 'case is', 'cases are')} hidden by {' and '.join(reasons)}."
