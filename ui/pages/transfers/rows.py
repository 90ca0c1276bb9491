"""What a row of the transfers list says: pure, from an agent's `Job` to texts, tone and buttons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from app.agentlink.contract import ErrorReply, Job, JobState, Via
from app.agentlink.order import DROPPED, has_place, rank, waits_for_its_turn
from ui.widgets.moments import is_today, time_text
from ui.widgets.quantities import count_text, plural, progress_text, rate_text, size_text, span_text


class Group(StrEnum):
    """The groups, in the order they are shown."""

    ACTIVE = "Active"
    NEEDS_YOU = "Needs you"
    WAITING = "Waiting"
    DONE = "Done today"


class Verb(StrEnum):
    """What a person may do with a row."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    REVIEW = "review"
    NOT_THERE = "it is not there"
    FIRST = "send first"
    USUAL = "send in turn"
    UP = "move up"
    DOWN = "move down"
    CASE = "open case"


class Shown(StrEnum):
    """The chips above the list."""

    ALL = "All"
    DROPPED = "Sent by hand"
    RULES = "By rule"
    NEEDS_YOU = "Needs you"


ACTIVE_STATES = frozenset(
    {JobState.COLLECTING, JobState.MASKING, JobState.BUNDLING, JobState.SENDING, JobState.VERIFYING}
)
_ICONS: dict[JobState, tuple[str, str]] = {
    JobState.COLLECTING: ("archive", "accent.base"),
    JobState.MASKING: ("shield_lock", "accent.base"),
    JobState.BUNDLING: ("folder_zip", "accent.base"),
    JobState.SENDING: ("arrow_up", "accent.base"),
    JobState.VERIFYING: ("shield_task", "accent.base"),
    JobState.REVIEW: ("eye", "wait.fg"),
    JobState.FAILED: ("error_circle", "danger.fg"),
    JobState.WAITING: ("clock", "text.secondary"),
    JobState.PAUSED: ("pause", "text.secondary"),
    JobState.VERIFIED: ("shield_checkmark", "success.fg"),
    JobState.CANCELLED: ("dismiss", "text.secondary"),
}
_STATE_WORDS: dict[JobState, str] = {
    JobState.COLLECTING: "Collecting",
    JobState.MASKING: "Masking",
    JobState.BUNDLING: "Packing",
    JobState.SENDING: "Uploading",
    JobState.VERIFYING: "Verifying",
    JobState.REVIEW: "Waits for your review",
    JobState.FAILED: "Failed",
    JobState.WAITING: "Waiting",
    JobState.PAUSED: "Paused",
    JobState.VERIFIED: "Verified",
    JobState.CANCELLED: "Cancelled",
}
SIZE_ONLY = "D"
_ELSEWHERE = "CF-1114"
_PROOFS = {
    "A": "checked end to end",
    "B": "every part checked by the server",
    "C": "a sample read back, its digest lies beside it",
    SIZE_ONLY: "at most the size was compared",
}
_VERB_ICONS = {
    Verb.PAUSE: "pause",
    Verb.RESUME: "play",
    Verb.CANCEL: "dismiss",
    Verb.RETRY: "arrow_clockwise",
    Verb.REVIEW: "eye",
    Verb.NOT_THERE: "question_circle",
    Verb.FIRST: "arrow_up",
    Verb.USUAL: "arrow_swap",
    Verb.UP: "arrow_up",
    Verb.DOWN: "arrow_down",
    Verb.CASE: "ticket_diagonal",
}
_VERB_WORDS = {
    Verb.PAUSE: "Pause",
    Verb.RESUME: "Resume",
    Verb.CANCEL: "Cancel",
    Verb.RETRY: "Try again",
    Verb.REVIEW: "Review masking",
    Verb.NOT_THERE: "It is not there",
    Verb.FIRST: "Send before others",
    Verb.USUAL: "Send in its turn",
    Verb.UP: "Move up",
    Verb.DOWN: "Move down",
    Verb.CASE: "Open case",
}


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A row as it is drawn.

    Attributes:
        progress: 0.0 to 1.0, or None where no bar is drawn.
        line: the line below the bar; ``danger`` when it tells of a failure.
        top, bottom: the two lines of the right column.
        icons: verbs drawn as icon buttons; `main` as a named button, `others` as links behind it.
    """

    id: str
    group: Group
    icon: str
    icon_role: str
    title: str
    detail: str
    line: str
    danger: bool
    muted: bool
    progress: float | None
    top: str
    bottom: str
    icons: tuple[Verb, ...]
    main: Verb | None
    others: tuple[Verb, ...]
    spoken: str


def verb_icon(verb: Verb) -> str:
    """The icon's name."""
    return _VERB_ICONS[verb]


def verb_words(verb: Verb) -> str:
    """The words on a button."""
    return _VERB_WORDS[verb]


def proof_words(level: str) -> str:
    """How an arrived bundle was proven; no more is said than the agent said."""
    return _PROOFS.get(level, "the agent is too old to say how it was proven")


def outcome_words(job: Job) -> str:
    """The state of a job; an arrival of which only the size was compared is not called verified.

    What nobody works on is not called by what is to be done with it.
    """
    if waits_for_its_turn(job):
        return "Waits for its turn"
    if job.state is JobState.VERIFIED and job.level == SIZE_ONLY:
        return "Arrived, only its size was compared"
    return state_words(job.state)


def state_words(state: JobState) -> str:
    """The state for people."""
    return _STATE_WORDS[state]


def may_be_elsewhere(job: Job) -> bool:
    """Whether it stands because another place than the one it goes to now may have all of it."""
    return job.state is JobState.FAILED and job.problem is not None and job.problem.code == _ELSEWHERE


def group_of(job: Job, *, now: datetime, zone: tzinfo | None = None) -> Group | None:
    """The group of a job, or None when the page does not show it (done on an earlier day)."""
    if has_place(job):
        return Group.WAITING
    if job.state in ACTIVE_STATES:
        return Group.ACTIVE
    if job.state in (JobState.FAILED, JobState.REVIEW):
        return Group.NEEDS_YOU
    return Group.DONE if is_today(job.changed, now=now, zone=zone) else None


def in_order(jobs: Sequence[Job], *, now: datetime, zone: tzinfo | None = None) -> list[Job]:
    """The jobs as they come, but those that wait in the order in which they are sent."""
    waiting = [job for job in jobs if group_of(job, now=now, zone=zone) is Group.WAITING]
    sent_first = iter(sorted(waiting, key=lambda job: (rank(job), job.place)))
    return [next(sent_first) if job in waiting else job for job in jobs]


def neighbour(jobs: Sequence[Job], job_id: str, *, up: bool) -> str | None:
    """Before which waiting job this one goes when it is moved one place; empty for the end, None for nowhere.

    Only among those of the same rank: that comes before the order.
    """
    here = next((job for job in jobs if job.id == job_id), None)
    if here is None:
        return None
    ids = [job.id for job in jobs if rank(job) == rank(here)]
    at = ids.index(job_id)
    if up:
        return ids[at - 1] if at > 0 else None
    if at + 1 >= len(ids):
        return None
    return ids[at + 2] if at + 2 < len(ids) else ""


def passes(job: Job, chosen: Shown) -> bool:
    """Whether the job is shown under this chip."""
    if chosen is Shown.DROPPED:
        return job.source == DROPPED
    if chosen is Shown.RULES:
        return job.source != DROPPED
    if chosen is Shown.NEEDS_YOU:
        return job.state in (JobState.FAILED, JobState.REVIEW)
    return True


def chip_text(chosen: Shown, jobs: Sequence[Job]) -> str:
    """``Needs you 1``; without a number on *All*."""
    if chosen is Shown.ALL:
        return chosen.value
    return f"{chosen.value} {sum(passes(job, chosen) for job in jobs)}"


def headline(jobs: Iterable[Job]) -> str:
    """Beside the page's title: ``3 active, 1 needs you``."""
    held = list(jobs)
    active = sum(job.state in ACTIVE_STATES and not job.queued for job in held)
    needs = sum(job.state in (JobState.FAILED, JobState.REVIEW) for job in held)
    text = f"{active} active" if active else "nothing is running"
    return f"{text}, {needs} needs you" if needs == 1 else f"{text}, {needs} need you" if needs else text


def row_of(job: Job, *, group: Group, seconds_left: float | None, zone: tzinfo | None = None) -> TransferRow:
    """Decide what the row of a job says.

    Args:
        job: as the agent tells it.
        group: from `group_of`.
        seconds_left: from `RateHistory`; None while it cannot be said.
        zone: the reader's zone; the machine's when None.
    """
    doubtful = job.state is JobState.VERIFIED and job.level == SIZE_ONLY
    icon, role = ("warning", "warning.fg") if doubtful else _ICONS[_drawn_as(job)]
    line = _line(job, zone=zone)
    icons, main, others = _verbs(job)
    top, bottom = _right(job, seconds_left, zone)
    percent = _share(job)
    spoken = f"{job.name}, case {' '.join(job.case)}, {outcome_words(job)}"
    if percent is not None:
        spoken += f", {int(percent * 100)} %"
    return TransferRow(
        id=job.id,
        group=group,
        icon=icon,
        icon_role=role,
        title=job.name,
        detail=job.case if job.state is JobState.MASKING else f"{job.case} · {_way(job)}",
        line=line,
        danger=job.state is JobState.FAILED,
        muted=job.state is JobState.PAUSED or waits_for_its_turn(job),
        progress=percent,
        top=top,
        bottom=bottom,
        icons=icons,
        main=main,
        others=others,
        spoken=f"{spoken}. {line}",
    )


def problem_text(problem: ErrorReply) -> str:
    """The reason in one or two sentences; a defect has only its reference."""
    return " ".join(filter(None, _sentences(problem)))


def _sentences(problem: ErrorReply) -> tuple[str, str]:
    """What went wrong, and what is known of it or empty."""
    title = f"{problem.title.removesuffix('.')}."
    if problem.reference and not problem.happened:
        return title, f"Reference {problem.reference}."
    return title, problem.happened


def kept_text(job: Job) -> str:
    """What a failed or waiting job keeps, so that nobody fears to lose it."""
    if may_be_elsewhere(job):
        return "The masked bundle is kept."
    if job.size and job.sent:
        return f"{progress_text(job.sent, job.size)} sent; nothing is lost."
    if job.size:
        return "The masked bundle is kept; nothing was sent."
    if job.state is JobState.FAILED:
        return "Your files are untouched; nothing was sent."
    return ""


def _line(job: Job, *, zone: tzinfo | None) -> str:
    if job.state is JobState.FAILED:
        reason = problem_text(job.problem) if job.problem else "It stopped without a reason."
        return f"{reason} {kept_text(job)}".strip()
    failed_before = job.state is JobState.WAITING and job.problem is not None
    if waits_for_its_turn(job) or (job.held and not failed_before):
        return _standing_line(job)
    if job.state is JobState.MASKING:
        return f"Masking {plural(len(job.files), 'file', 'files')}; upload starts when every file is checked"
    if job.state is JobState.COLLECTING:
        return f"Collecting {plural(len(job.files), 'file', 'files')}"
    if job.state is JobState.BUNDLING:
        return "Packing the masked files"
    if job.state is JobState.REVIEW:
        return _review_line(job)
    if job.state is JobState.WAITING:
        return _waiting_line(job, zone)
    if job.state is JobState.PAUSED:
        sent = f", {progress_text(job.sent, job.size)}" if job.size else ""
        return f"Paused at {time_text(job.changed, zone=zone)}{sent}"
    if job.state is JobState.VERIFYING:
        return f"{size_text(job.size)} arrived; the portal compares digests"
    if job.state is JobState.VERIFIED:
        masked = sum(job.counts.values())
        return f"{size_text(job.size)}, {proof_words(job.level)}, {count_text(masked)} values masked"
    if job.state is JobState.CANCELLED:
        return "Cancelled; nothing more is sent"
    return _sending_line(job)


def _standing_line(job: Job) -> str:
    """Why nothing is done with it now, although nothing is wrong."""
    sends = job.state in (JobState.SENDING, JobState.VERIFYING)
    sent = f"{progress_text(job.sent, job.size)} sent"
    size = sent if job.sent else size_text(job.size or job.raw_size)
    if job.held and sends:
        return f"Nothing is sent at this time: see Settings, Bandwidth. {size}."
    if job.held:
        return f"Nothing is prepared at this time: the agent's hours. {size}."
    return f"{size}. Waits for its turn to be {'sent' if sends else 'prepared'}"


def _sending_line(job: Job) -> str:
    if job.problem is not None:
        # What a narrow row cuts off is in the details, too.
        title, more = _sentences(job.problem)
        return " ".join(filter(None, (title, "It goes on by itself.", kept_text(job), more)))
    resumed = ""
    if job.resumed:
        times = "once" if job.resumed == 1 else f"{job.resumed} times"
        resumed = f" · resumed {times}, no part lost"
    return f"{progress_text(job.sent, job.size)}{resumed}"


def _review_line(job: Job) -> str:
    text = (
        f"{count_text(sum(job.counts.values()))} values masked in {plural(len(job.files), 'file', 'files')}"
    )
    if job.quarantined:
        text += f", {plural(job.quarantined, 'file', 'files')} held back"
    return f"{text}. Look at it, then send it."


def _waiting_line(job: Job, zone: tzinfo | None) -> str:
    parts: list[str] = []
    if job.problem is not None:
        parts.append(problem_text(job.problem))
    if job.next_attempt is not None:
        parts.append(f"Next try at {time_text(job.next_attempt, zone=zone)}.")
    if job.sent:
        parts.append(f"{progress_text(job.sent, job.size)} sent; nothing is lost.")
    elif job.size and not parts:
        parts.append(f"{size_text(job.size)}. Waits for its turn")
    return " ".join(parts) or "Waits for its turn"


def _right(job: Job, seconds_left: float | None, zone: tzinfo | None) -> tuple[str, str]:
    if job.state in (JobState.VERIFIED, JobState.CANCELLED):
        return "", time_text(job.changed, zone=zone)
    if job.state not in ACTIVE_STATES or waits_for_its_turn(job):
        return "", ""
    left = span_text(seconds_left) if seconds_left is not None else ""
    return rate_text(job.rate), left


def _verbs(job: Job) -> tuple[tuple[Verb, ...], Verb | None, tuple[Verb, ...]]:
    if waits_for_its_turn(job):
        return (Verb.PAUSE, Verb.CANCEL), (None if job.held or job.priority > 0 else Verb.FIRST), ()
    if job.state in ACTIVE_STATES:
        return (Verb.PAUSE, Verb.CANCEL), None, ()
    if job.state is JobState.PAUSED:
        return (Verb.RESUME, Verb.CANCEL), None, ()
    if job.state is JobState.WAITING:
        return (Verb.PAUSE, Verb.CANCEL), (Verb.RETRY if job.problem else None), ()
    if job.state is JobState.REVIEW:
        return (), Verb.REVIEW, (Verb.CANCEL,)
    if job.state is JobState.FAILED:
        others = (Verb.NOT_THERE, Verb.CANCEL) if may_be_elsewhere(job) else (Verb.CANCEL,)
        return (), Verb.RETRY, others
    return (Verb.CASE,), None, ()


def _drawn_as(job: Job) -> JobState:
    return JobState.WAITING if waits_for_its_turn(job) else job.state


def _share(job: Job) -> float | None:
    if job.state is JobState.MASKING:
        done = sum(file.raw_size for file in job.files if file.state != "waiting")
        return min(done / job.raw_size, 1.0) if job.raw_size else 0.0
    shown = (JobState.SENDING, JobState.VERIFYING, JobState.PAUSED)
    if job.state in shown or (job.state is JobState.WAITING and job.sent):
        return min(job.sent / job.size, 1.0) if job.size else 0.0
    return None


def _way(job: Job) -> str:
    return "SFTP" if job.via is Via.SFTP else "HTTPS"
