"""Review masking: raw beside masked, hit by hit, before anything leaves this PC."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.agentlink import Confirm, Hit, Job, JobState, PreviewLine
from app.domain.errors import CaseferryError
from app.portal.contract import Acknowledgement
from ui.pages.review.checked import Review, held_reason, hit_words
from ui.pages.review.frame import ReviewFrame
from ui.pages.review.lines import FileLines
from ui.pages.review.panels import kinds_in
from ui.pages.transfers.following import JobFollower
from ui.pages.transfers.rows import problem_text
from ui.shell.services import Services
from ui.tasks import Latest, Task
from ui.widgets.glyphs import error_note
from ui.widgets.kinds import Category, kind_title
from ui.widgets.mask_lines import Place
from ui.widgets.quantities import count_text, plural, size_text

_DIFF, _STATE = 0, 1


class ReviewPage(ReviewFrame):
    """One job in review.

    Signals:
        sent: id of a job that was confirmed.
        acknowledged: the `Acknowledgement` the portal gave.
    """

    sent = Signal(str)
    acknowledged = Signal(object)

    def __init__(self, services: Services, *, follower: JobFollower, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._follower = services, follower
        self._job_id = ""
        self._job: Job | None = None
        self._review = Review()
        self._lines: FileLines | None = None
        self._current = ""
        self._selected = -1
        self._wanted_hit: Place | None = None
        self._kinds: frozenset[str] | None = None
        self._busy = False
        self._loading = Latest(self)
        self._wire()

    def _wire(self) -> None:
        self.confirm_wanted.connect(self.confirm)
        self.discard_wanted.connect(self._cancel)
        self.hit_wanted.connect(lambda forward: self.go(forward=forward))
        self.found.category_chosen.connect(self._choose_category)
        self.found.file_chosen.connect(self.open_file)
        self.found.changed_only.connect(lambda _on: self._show_rows())
        self.found.in_step.connect(self._set_step)
        self.found.skip_clean.connect(self._set_skip)
        self.selected.leave_out.connect(self._toggle_left_out)
        self.diff.wanted.connect(self._ask_rows)
        self.diff.hit_chosen.connect(self._choose_place)
        self.acknowledge.toggled.connect(self._set_acknowledged)
        self._follower.changed.connect(self._jobs_changed)

    @property
    def job(self) -> Job | None:
        """The job in review, as the agent told it last."""
        return self._job

    def show_job(self, job_id: str) -> None:
        """Open a job: at once when it is in review, else as soon as the agent has masked it."""
        if job_id == self._job_id:
            self._ask_job()
            return
        self._job_id, self._job = job_id, None
        self._review = Review()
        if self._lines is not None:
            self._lines.deleteLater()
        self._current, self._selected, self._lines, self._kinds = "", -1, None, None
        self._busy = False
        self.acknowledge.setChecked(False)
        self.found.skip.setChecked(False)
        self.found.show_found({})
        self.found.show_files([], self._review, "")
        self.selected.show_nothing()
        self._clear_problem()
        self._show_state()
        self._ask_job()

    def _ask_job(self) -> None:
        if self._services.agent is not None and self._job_id:
            self._loading.run(self._services.agent.job, self._job_id).on_done(self._take_job).on_error(
                self._show_problem
            )

    def _jobs_changed(self) -> None:
        known = self._follower.job(self._job_id)
        if (
            known is not None
            and self.isVisible()
            and (self._job is None or known.changed > self._job.changed)
        ):
            self._ask_job()

    def _take_job(self, job: Job) -> None:
        if job.id != self._job_id:
            return
        before, self._job = self._job, job
        self._what.setText(f"{job.name} for case {job.case}")
        if job.state is JobState.REVIEW and (before is None or before.state is not JobState.REVIEW):
            self.found.show_found(job.counts)
            first = next((f for f in job.files if f.state == "masked"), job.files[0] if job.files else None)
            if first is not None:
                self.open_file(first.name)
        self._show_state()

    def _show_state(self) -> None:
        job = self._job
        reviewing = job is not None and job.state is JobState.REVIEW
        reason = self._review.why_not(job) if job is not None and reviewing else ""
        self.send.setEnabled(reviewing and not reason and not self._busy)
        self._send_cap.setVisible(self.send.isEnabled())
        self.discard.setEnabled(reviewing and not self._busy)
        self.acknowledge.setEnabled(reviewing)
        self.reason.setText(reason)
        self.send.setAccessibleDescription(reason)
        if job is not None:
            self.found.show_files(job.files, self._review, self._current)
        if not reviewing:
            self._show_waiting(job)

    def _show_waiting(self, job: Job | None) -> None:
        self._stack.setCurrentIndex(_STATE)
        self._bar.hide()
        self.progress.setVisible(job is not None and job.state in (JobState.COLLECTING, JobState.MASKING))
        if job is None:
            self.state.set_words("shield_lock", self.tr("Asking the agent"), "")
        elif job.state is JobState.FAILED and job.problem is not None:
            text = f"{problem_text(job.problem)} {job.problem.todo} Nothing was sent."
            self.state.set_words("error_circle", self.tr("Masking stopped"), text)
        elif job.state in (JobState.COLLECTING, JobState.MASKING):
            done = sum(file.raw_size for file in job.files if file.state != "waiting")
            files = plural(len(job.files), "file", "files")
            text = self.tr("{0} of {1}. Nothing is sent before you have seen it.").format(
                size_text(done), size_text(job.raw_size)
            )
            self.state.set_words("shield_lock", self.tr("Masking {0}").format(files), text)
            self.progress.show_share(done / job.raw_size if job.raw_size else 0.0)
        else:
            self.state.set_words(
                "checkmark_circle", self.tr("The review is over"), self.tr("Transfers shows how it goes on.")
            )

    def open_file(self, name: str) -> None:
        """Show the lines of a file; that counts as looking at it."""
        job, agent = self._job, self._services.agent
        file = next((each for each in job.files if each.name == name), None) if job is not None else None
        if job is None or agent is None or file is None:
            return
        if self._lines is not None:
            self._lines.deleteLater()
        self._current, self._selected, self._wanted_hit = name, -1, None
        self.selected.show_nothing()
        left_out = name in self._review.left_out
        self.selected.show_file(left_out=left_out, possible=file.state == "masked")
        if file.state != "masked":
            title, text = held_reason(file)
            self._lines = None
            self._stack.setCurrentIndex(_STATE)
            self._bar.hide()
            self.progress.hide()
            self.state.set_words("shield_error", title, text)
            self._show_state()
            return
        self._review.opened.add(name)
        self._lines = FileLines(agent, job=job.id, file=file, parent=self)
        self._lines.window.connect(self._take_window)
        self._lines.missed.connect(self.diff.lines.give_up)
        self._lines.indexed.connect(self._take_index)
        self._lines.failed.connect(self._show_problem)
        self._stack.setCurrentIndex(_DIFF)
        self._bar.show()
        self._show_rows()
        self._lines.index_more()
        self._show_number()
        self._show_state()

    def _show_rows(self) -> None:
        lines = self._lines
        if lines is None:
            return
        changed = self.found.only_changes.isChecked()
        self.diff.show_rows(len(lines.index.changed_lines) if changed else lines.file.lines)
        self._show_marks()

    def _ask_rows(self, first: int) -> None:
        if self._lines is not None:
            self._lines.ask_rows(first, changed_only=self.found.only_changes.isChecked())

    def _take_window(self, first: int, lines: list[PreviewLine]) -> None:
        if self.sender() is not None and self.sender() is not self._lines:
            return
        self.diff.take(first, lines)
        if self._wanted_hit is not None:
            self._mark(self._wanted_hit)

    def _take_index(self) -> None:
        lines = self._lines
        if lines is None:
            return
        if self.found.only_changes.isChecked():
            self.diff.grow(len(lines.index.changed_lines))
        self._show_marks()
        self._show_number()
        if self._selected < 0 and len(lines.index):
            self.go(forward=True)

    def _show_marks(self) -> None:
        if self._lines is not None:
            lines = self._lines
            self.diff.show_marks(lines.index.marks(lines.file.lines, self.diff.rail_height()))

    def _show_number(self) -> None:
        lines = self._lines
        total = lines.total_hits if lines is not None else 0
        for button in (self.previous, self.next):
            button.setEnabled(total > 0)
        if lines is None or not total:
            self._number.setText(self.tr("nothing found"))
        elif self._selected < 0:
            self._number.setText(self.tr("{0} hits").format(count_text(total)))
        else:
            self._number.setText(
                self.tr("hit {0} of {1}").format(count_text(self._selected + 1), count_text(total))
            )

    def go(self, *, forward: bool) -> None:
        """To the next or previous hit of the chosen category, round the end of what is known."""
        lines = self._lines
        if lines is None or not len(lines.index):
            return
        index = lines.index.beside(self._selected, forward=forward, kinds=self._kinds)
        if not lines.index.complete and (index < 0 or (forward and index <= self._selected)):
            lines.index_more()
            if self._selected >= 0:
                return
        if index >= 0:
            self._select(index)

    def _choose_place(self, place: Place) -> None:
        lines = self._lines
        if lines is not None:
            index = lines.index.number_of(place)
            self._selected = index
            self._mark(place)
            self._show_number()

    def _select(self, index: int) -> None:
        lines = self._lines
        if lines is None:
            return
        self._selected = index
        self._show_number()
        place = lines.index.place(index)
        self.diff.show_row(self._row_of(place))
        self._mark(place)

    def _row_of(self, place: Place) -> int:
        lines = self._lines
        if lines is not None and self.found.only_changes.isChecked():
            return lines.index.row_of_changed(place.line)
        return place.line - 1

    def _mark(self, place: Place) -> None:
        """Mark a hit whose line is known, or as soon as its window comes."""
        row = self._row_of(place)
        line = self.diff.lines.at(row)
        hit: Hit | None = (
            line.hits[place.position] if line is not None and line.number == place.line else None
        )
        if hit is None:
            self._wanted_hit = place
            return
        self._wanted_hit = None
        lines = self._lines
        if lines is None:
            return
        spoken = hit_words(kind_title(hit.kind), hit.after, self._selected + 1, lines.total_hits, more=False)
        self.diff.select(place, hit, row=row, spoken=spoken)
        self.selected.show_hit(hit, equal=lines.index.equal_values(hit), more=not lines.index.complete)

    def _choose_category(self, category: Category | None) -> None:
        self._kinds = (
            kinds_in(category, self._job) if category is not None and self._job is not None else None
        )
        if category is not None:
            self.go(forward=True)

    def _set_step(self, on: bool) -> None:
        self.diff.in_step = on

    def _set_skip(self, on: bool) -> None:
        self._review.skip_clean = on
        self._show_state()

    def _set_acknowledged(self, on: bool) -> None:
        self._review.acknowledged = on
        self._show_state()

    def _toggle_left_out(self) -> None:
        self._review.left_out ^= {self._current}
        self.selected.show_file(left_out=self._current in self._review.left_out, possible=True)
        self._show_state()

    def confirm(self) -> None:
        """Acknowledge R-FILE-1 at the portal, then let the agent go on; both or nothing."""
        job, agent = self._job, self._services.agent
        if job is None or agent is None or not self.send.isEnabled():
            return
        self._busy = True
        self._show_state()
        portal, left_out = self._services.portal, sorted(self._review.left_out)

        def give_word() -> Acknowledgement:
            word = portal.acknowledge(job.case)
            agent.confirm(Confirm(job=job.id, acknowledgement=word.id, leave_out=left_out))
            return word

        Task.run(give_word, owner=self).on_done(lambda word: self._confirmed(job.id, word)).on_error(
            self._refused
        )

    def _confirmed(self, job_id: str, word: Acknowledgement) -> None:
        self._busy = False
        self._follower.refresh()
        self.acknowledged.emit(word)
        self._job_id = ""
        self.sent.emit(job_id)

    def _refused(self, error: CaseferryError) -> None:
        self._busy = False
        self._show_problem(error)
        self._show_state()

    def _cancel(self) -> None:
        job, agent = self._job, self._services.agent
        if job is None or agent is None:
            return
        self._busy = True
        self._show_state()
        Task.run(agent.cancel, job.id, owner=self).on_done(lambda _job: self._cancelled()).on_error(
            self._refused
        )

    def _cancelled(self) -> None:
        self._busy = False
        self._job_id = ""
        self._follower.refresh()
        self.back_requested.emit()

    def _show_problem(self, error: CaseferryError) -> None:
        self._clear_problem()
        self._problem.addWidget(error_note(error, retry=self._ask_job))

    def _clear_problem(self) -> None:
        while (item := self._problem.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
