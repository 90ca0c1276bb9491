"""The pane beside the list: figures, throughput, parts, facts and events of one transfer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.agentlink import FINAL_STATES, Job, JobState, Via
from app.agentlink.order import DROPPED, has_place, waits_for_its_turn
from ui.pages.transfers.following import JobFollower
from ui.pages.transfers.parts import parts_of
from ui.pages.transfers.rows import (
    Verb,
    kept_text,
    may_be_elsewhere,
    outcome_words,
    problem_text,
    proof_words,
    verb_words,
)
from ui.widgets.buttons import icon_button
from ui.widgets.glyphs import Note
from ui.widgets.kinds import by_category
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.moments import time_text
from ui.widgets.part_map import PartLegend, PartMap
from ui.widgets.pii_bar import PiiLegend
from ui.widgets.quantities import clock_span_text, digest_text, plural, progress_text, rate_parts, size_text
from ui.widgets.rail import Rail, RailSection
from ui.widgets.throughput_chart import ThroughputChart

WIDTH = 424
_EVENTS = 8
_SAYS_WHY = frozenset({JobState.FAILED, JobState.WAITING, JobState.SENDING, JobState.VERIFYING})
_KEYS = {Verb.UP: "Alt+Up", Verb.DOWN: "Alt+Down"}


class _Figure(QWidget):
    """A large figure with its unit and a line below."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line = QHBoxLayout()
        line.setSpacing(5)
        self._figure, self._unit = TextLabel(scale="figure"), TextLabel(scale="label", role="text.secondary")
        line.addWidget(self._figure, 0, Qt.AlignmentFlag.AlignBaseline)
        line.addWidget(self._unit, 0, Qt.AlignmentFlag.AlignBaseline)
        line.addStretch(1)
        column.addLayout(line)
        self._line = TextLabel(scale="label", role="text.secondary")
        column.addWidget(self._line)

    def show_figure(self, figure: str, unit: str, line: str) -> None:
        """Show it; an empty figure hides it."""
        self.setVisible(bool(figure))
        self._figure.setText(figure)
        self._unit.setText(unit)
        self._line.setText(line)
        self.setAccessibleName(f"{figure} {unit}, {line}")


class TransferDetail(Rail):
    """One job in full.

    Signals:
        asked: id and `Verb`, from the menu or a button.
    """

    asked = Signal(str, object)

    def __init__(self, follower: JobFollower, clock: Callable[[], datetime]) -> None:
        super().__init__(width=WIDTH)
        self._follower, self._clock = follower, clock
        self._job: Job | None = None
        self._subject = ""
        section = self.add_section(RailSection())
        column = section.column
        column.setContentsMargins(20, 14, 20, 14)
        column.setSpacing(8)
        head = QHBoxLayout()
        names = QVBoxLayout()
        names.setSpacing(0)
        self._name = ElidedLabel(scale="subtitle", mode=Qt.TextElideMode.ElideMiddle)
        self._case = ElidedLabel(scale="label", role="text.secondary")
        names.addWidget(self._name)
        names.addWidget(self._case)
        head.addLayout(names, 1)
        self._more = icon_button("more_horizontal", self.tr("More for this transfer"), self._open_menu)
        head.addWidget(self._more, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        figures = QHBoxLayout()
        figures.setSpacing(26)
        self._figures = (_Figure(), _Figure(), _Figure())
        for figure in self._figures:
            figures.addWidget(figure)
        figures.addStretch(1)
        column.addLayout(figures)
        self._problem = Note("danger", "", "")
        column.addWidget(self._problem)
        self._turn = Note(
            "info",
            self.tr("It waits for its turn."),
            self.tr(
                "What is more urgent goes first, cases take turns, and of one case goes first what stands "
                "above. The menu sends it before others, or moves it."
            ),
        )
        column.addWidget(self._turn)
        self._chart = ThroughputChart()
        column.addWidget(self._chart)
        self._parts_caption = TextLabel(scale="label", role="text.secondary")
        self._parts, self._legend = PartMap(), PartLegend()
        for widget in (self._parts_caption, self._parts, self._legend):
            column.addWidget(widget)
        self._masked = PiiLegend()
        column.addWidget(self._masked)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(5)
        self._facts.setColumnMinimumWidth(0, 64)
        self._facts.setColumnStretch(1, 1)
        self._section = section
        self._shown: dict[int, tuple[tuple[str, str], ...]] = {}
        column.addSpacing(4)
        column.addLayout(self._facts)
        column.addSpacing(6)
        column.addWidget(TextLabel(self.tr("Events"), scale="label", role="text.secondary"))
        self._events = QGridLayout()
        self._events.setHorizontalSpacing(12)
        self._events.setVerticalSpacing(5)
        self._events.setColumnMinimumWidth(0, 64)
        self._events.setColumnStretch(1, 1)
        column.addLayout(self._events)

    @property
    def job(self) -> Job | None:
        """The job that is shown."""
        return self._job

    def show_job(self, job: Job, *, subject: str) -> None:
        """Show a job as it is now."""
        self._job, self._subject = job, subject
        self._name.setText(job.name)
        self._case.setText(f"to case {job.case} · {subject}" if subject else f"to case {job.case}")
        self._show_figures(job)
        self._show_problem(job)
        self._show_chart(job)
        self._show_parts(job)
        self._masked.show_parts(by_category(job.counts))
        self._masked.setVisible(bool(job.counts))
        self._fill(self._facts, self._facts_of(job))
        events = tuple((time_text(e.at), e.text) for e in self._follower.seen(job.id)[:_EVENTS])
        self._fill(self._events, events)

    def _show_problem(self, job: Job) -> None:
        """Why it does not get on: of what failed, waits, or tries again while it runs."""
        problem = job.problem if job.state in _SAYS_WHY else None
        self._problem.setVisible(problem is not None)
        if problem is not None:
            self._problem.set_words(f"{problem_text(problem)} {kept_text(job)}".strip(), problem.todo)
            self._problem.set_code(problem.code)
        self._turn.setVisible(problem is None and waits_for_its_turn(job) and not job.held)

    def _show_figures(self, job: Job) -> None:
        percent, rate, left = self._figures
        sending = job.state in (JobState.SENDING, JobState.PAUSED, JobState.WAITING, JobState.VERIFYING)
        if job.size and sending:
            percent.show_figure(f"{job.sent * 100 // job.size}", "%", progress_text(job.sent, job.size))
        elif job.state is JobState.VERIFIED:
            percent.show_figure(size_text(job.size), "", proof_words(job.level))
        else:
            files = plural(len(job.files), "file", "files") if job.files else size_text(job.raw_size)
            percent.show_figure(outcome_words(job), "", files)
        if job.state is JobState.SENDING and job.rate > 0:
            figure, unit = rate_parts(job.rate)
            average = rate_parts(self._follower.history(job.id).average())[0]
            rate.show_figure(figure, unit, self.tr("average {0}").format(average))
        else:
            rate.show_figure("", "", "")
        seconds = self._follower.seconds_left(job)
        if seconds is None:
            left.show_figure("", "", "")
        else:
            done = time_text(self._clock() + timedelta(seconds=seconds))
            left.show_figure(clock_span_text(seconds), "", self.tr("done at {0}").format(done))

    def _show_chart(self, job: Job) -> None:
        readings = self._follower.history(job.id).readings
        self._chart.setVisible(len(readings) > 1)
        if len(readings) > 1:
            now = self._clock()
            span = timedelta(seconds=self._follower.now() - readings[0].at)
            self._chart.show_readings(
                [(r.at, r.rate) for r in readings], first=time_text(now - span), last=time_text(now)
            )

    def _show_parts(self, job: Job) -> None:
        mapping = parts_of(job)
        shown = bool(mapping.cells)
        for widget in (self._parts_caption, self._parts, self._legend):
            widget.setVisible(shown)
        if shown:
            self._parts_caption.setText(mapping.caption)
            self._parts.show_cells([cell.value for cell in mapping.cells], spoken=mapping.caption)

    def _facts_of(self, job: Job) -> tuple[tuple[str, str], ...]:
        way = "SFTP" if job.via is Via.SFTP else "HTTPS"
        safety = (
            self.tr("SFTP with a known host key, its SHA-256 beside the file")
            if job.via is Via.SFTP
            else self.tr("TLS, a checksum of each part, SHA-256 of the whole file")
        )
        source = (
            self.tr("dropped by hand") if job.source == DROPPED else self.tr("rule {0}").format(job.source)
        )
        held = f", {plural(job.quarantined, 'file', 'files')} held back" if job.quarantined else ""
        files = f" · {plural(len(job.files), 'file', 'files')}, masked" if job.files else ""
        if job.connections > 1:
            way += self.tr(", {0} connections").format(job.connections)
        facts = [
            (self.tr("Way"), way),
            (self.tr("Safety"), safety),
            (self.tr("From"), f"{source}{files}{held}"),
            (self.tr("Resume"), self.tr("from the last part that arrived, also after a restart")),
        ]
        if job.level:
            facts.append((self.tr("Proof"), f"{job.level}: {proof_words(job.level)}"))
        if job.sha256:
            facts.append((self.tr("SHA-256"), digest_text(job.sha256)))
        return tuple(facts)

    def _fill(self, grid: QGridLayout, pairs: tuple[tuple[str, str], ...]) -> None:
        if self._shown.get(id(grid)) == pairs:
            return
        self._shown[id(grid)] = pairs
        while (item := grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, (name, value) in enumerate(pairs):
            self._section.add_pair(grid, row, name, value)

    def verbs(self) -> list[Verb]:
        """What the menu offers for the job."""
        state = self._job.state if self._job is not None else None
        offered: dict[JobState, list[Verb]] = {
            JobState.PAUSED: [Verb.RESUME, Verb.CANCEL],
            JobState.FAILED: [Verb.RETRY, Verb.CANCEL],
            JobState.REVIEW: [Verb.REVIEW, Verb.CANCEL],
            JobState.WAITING: [Verb.RETRY, Verb.PAUSE, Verb.CANCEL],
            JobState.VERIFIED: [],
            JobState.CANCELLED: [],
        }
        if state is None:
            return []
        verbs = list(offered.get(state, [Verb.PAUSE, Verb.CANCEL]))
        if self._job is not None and may_be_elsewhere(self._job):
            verbs.insert(1, Verb.NOT_THERE)
        if state not in FINAL_STATES and self._job is not None:
            verbs.append(Verb.USUAL if self._job.priority > 0 else Verb.FIRST)
        if self._job is not None and has_place(self._job):
            verbs += [Verb.UP, Verb.DOWN]
        return [*verbs, Verb.CASE]

    def _open_menu(self) -> None:
        job = self._job
        if job is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for verb in self.verbs():
            action = menu.addAction(verb_words(verb), partial(self.asked.emit, job.id, verb))
            action.setShortcut(QKeySequence(_KEYS.get(verb, "")))
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))
