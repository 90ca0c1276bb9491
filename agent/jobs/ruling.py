"""What every rule does with the closed segments of its folders, and what is told of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from operator import itemgetter
from pathlib import Path

from agent.catalogue import Catalogue, Segment, SegmentState
from agent.jobs.journal import JobJournal, Wall, utc_now
from agent.jobs.rows import Tally
from agent.jobs.rulebook import RuleBook
from agent.jobs.rules import Rule
from agent.jobs.verdicts import NO_CASE, REFUSED, SETTLED, WORDS, CaseState, Sight, Verdict, judge, offered
from agent.keeping import Rescues
from app.agentlink import MOST_NAMES, JobState, RuleReason, RuleShown, RulesShown
from app.logs import SystemZone

_LEFT_OUT: Mapping[str, str] = {
    "quarantined": "They could not be masked and are in quarantine.",
    "binary": "They are no text and are in quarantine.",
    "duplicate": "Their content was sent before.",
    "unreadable": "They were deleted, or grew, or could not be read when they were collected.",
    "by hand": "A person took them out.",
}
_FAILED = "Their job has failed; it says why."
_CANCELLED = "A person cancelled their job."
_TAKES_FILES = "R-FILE-1"
_CASE_CLOSED = "case closed when sent"
_REFUSED_THERE = "The case was closed when they were to be sent (R-FILE-1); their job can be retried."
_ON_THEIR_WAY = "They are on their way."
_WAY = "on its way"
_EARLIER = "earlier case"
_WENT_THERE = (
    "They went to case {case}, which the rule had before, and are not sent again. "
    "Under another name the rule sends to case {now} what still lies in its folders."
)
_STAYED = (
    "They were for case {case}, which the rule had before, and are not sent to case {now} "
    "unless the rule gets another name. {why}"
)
_ON_THEIR_WAY_THERE = "They are on their way to case {case}, which the rule had before."


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule does with what it has not sent yet: segments by verdict, the oldest first.

    Attributes:
        elsewhere: segments by key that another rule has taken up for the same case: that rule's name.
    """

    segments: Mapping[Verdict, Sequence[Segment]]
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> Sequence[Segment]:
        """Those that are sent."""
        return self.segments.get(Verdict.SEND, ())


class Ruling:
    """Judges for all rules. Methods may be called from any thread."""

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        journal: JobJournal,
        catalogue: Catalogue,
        book: RuleBook,
        sight: Sight,
        readable: Callable[[Segment], bool],
        wall: Wall = utc_now,
        zone: tzinfo | None = None,
        rescues: Rescues | None = None,
    ) -> None:
        """Nothing is judged yet.

        Args:
            rules: of the configuration.
            journal: what was claimed, and what became of it.
            catalogue: which segments are closed.
            book: where it is kept what is not sent.
            sight: what decisions need to know.
            readable: whether a segment can be opened now.
            wall: aware UTC time.
            zone: of this server, for hours of the night; the system's own when None.
            rescues: what is kept of segments that were destroyed; without it nothing is.
        """
        self.rules = tuple(rules)
        self.rescues = rescues
        self._journal = journal
        self._catalogue = catalogue
        self._book = book
        self._sight = sight
        self._readable = readable
        self._wall = wall
        self._zone = zone or SystemZone()
        self._settled: dict[str, dict[str, Verdict]] = {}
        self._lock = threading.Lock()

    def due(self, rule: Rule) -> bool:
        """Whether the rule makes a batch now."""
        last = self._journal.last_batch(rule.name)
        return rule.when.due(last=last, now=self._wall(), zone=self._zone)

    def closed(self) -> list[Segment]:
        """Every closed segment, the oldest first, and what was rescued of those that never were."""
        return [*self._catalogue.closed(), *(self.rescues.offered() if self.rescues else ())]

    def lies(self, segment: Segment) -> Path:
        """Where the bytes of a closed segment are: in its pin when its own file is gone."""
        if segment.state is SegmentState.GONE and segment.key:
            found = self._catalogue.by_key(segment.key)
            return segment.file if found is None else found.file
        return segment.file

    def wants(self, segment: Segment) -> bool:
        """Whether a rule may send a segment once it is closed, or has not finished with it."""
        return bool(self.rules_for(segment))

    def rules_for(self, segment: Segment) -> list[Rule]:
        """The rules that may send a segment once it is closed, or have not finished with it."""
        return [rule for rule in self.rules if self._may_send(rule, segment)]

    def _may_send(self, rule: Rule, segment: Segment) -> bool:
        if segment.folder not in rule.folders or not rule.wants(segment.application):
            return False
        if segment.key:
            job = self._journal.claim_of(rule.name, segment.key)
            if job is not None:
                return job not in (JobState.VERIFIED, JobState.CANCELLED)
            with self._lock:
                if segment.key in self._settled.get(rule.name, {}):
                    return False
            if self._journal.taken.elsewhere(rule.name, rule.case, [segment.key]):
                return False
        return not rule.asks_case or self._sight.case(rule.case) not in NO_CASE

    def masked_for_all(self, segments: Collection[str]) -> set[str]:
        """Those, by key, that no job has to mask any more, and that no rule has yet to take up."""
        done = self._journal.masked_among(segments)
        known = self._catalogue.of_keys(done) if done else []
        for rule in self.rules:
            asked = {one.key for one in known if one.folder in rule.folders and rule.wants(one.application)}
            asked -= self._journal.claimed_among(rule.name, asked) if asked else set()
            if not asked or (rule.asks_case and self._sight.case(rule.case) in NO_CASE):
                continue
            with self._lock:
                asked -= self._settled.get(rule.name, {}).keys()
            done -= asked - self._journal.taken.elsewhere(rule.name, rule.case, asked).keys()
        return done

    def look(self, rule: Rule, closed: Sequence[Segment]) -> Look:
        """Judge everything that no job of the rule has claimed, and keep what is not sent and why.

        Args:
            rule: one of the rules.
            closed: as `closed` answered.
        """
        with self._lock:
            offers = offered(rule, closed, claimed=self._journal.claimed(rule.name))
            asked = [each.key for each in offers if each.key and rule.wants(each.application)]
            elsewhere = self._journal.taken.elsewhere(rule.name, rule.case, asked)
            found = self._judge(rule, offers, elsewhere=elsewhere)
            by_verdict: dict[Verdict, list[Segment]] = {}
            for segment, verdict in found:
                by_verdict.setdefault(verdict, []).append(segment)
            refused = {segment.key: (segment, verdict) for segment, verdict in found if verdict in REFUSED}
            wanted = {segment.key for segment, verdict in found if verdict not in REFUSED}
            self._book.note(rule.name, refused, now_wanted=wanted)
        return Look(by_verdict, elsewhere)

    def _judge(
        self, rule: Rule, segments: Sequence[Segment], *, elsewhere: Collection[str]
    ) -> list[tuple[Segment, Verdict]]:
        settled = self._settled.setdefault(rule.name, {})
        self._settled[rule.name] = settled = {s.key: settled[s.key] for s in segments if s.key in settled}
        case = self._sight.case(rule.case) if rule.asks_case else CaseState.OPEN
        alarms = self._sight.alarms(rule.when.alarm) if rule.when.alarm else ()
        asked = [s.key for s in segments if s.key not in settled and rule.wants(s.application)]
        lines = self._sight.lines(asked) if rule.asks_lines and asked else {}
        now = self._wall()
        found: list[tuple[Segment, Verdict]] = []
        for segment in segments:
            verdict = settled.get(segment.key)
            if verdict is None:
                told = lines.get(segment.key)
                verdict = judge(rule, segment, case=case, lines=told, alarms=alarms, now=now)
                if verdict in SETTLED:
                    settled[segment.key] = verdict
            if verdict is Verdict.SEND and segment.key in elsewhere:
                verdict = Verdict.ELSEWHERE
            elif verdict is Verdict.SEND and not self._readable(segment):
                verdict = Verdict.UNREADABLE
            found.append((segment, verdict))
        return found

    def shown(self) -> RulesShown:
        """Every rule with what it sent, what waits, and what it did not send and why."""
        closed = self.closed()
        return RulesShown(rules=[self._shown(rule, closed) for rule in self.rules])

    def _shown(self, rule: Rule, closed: Sequence[Segment]) -> RuleShown:
        look = self.look(rule, closed)
        now, last = self._wall(), self._journal.last_batch(rule.name)
        following = rule.when.next_due(last=last, now=now, zone=self._zone)
        sent, waiting, not_sent = self._of_jobs(rule)
        for verdict, segments in look.segments.items():
            if verdict in REFUSED:
                continue
            if verdict is Verdict.ELSEWHERE:
                not_sent += _told_elsewhere(segments, look.elsewhere)
                continue
            if verdict is Verdict.SEND and following is not None:
                verdict = Verdict.NOT_DUE
            size = sum(segment.size for segment in segments)
            names = [segment.path for segment in segments[: -MOST_NAMES - 1 : -1]]
            waiting.append(RuleReason(verdict.value, WORDS[verdict], len(segments), size, names=names))
        not_sent += [
            RuleReason(
                each.reason.value,
                WORDS[each.reason],
                each.count,
                each.size,
                application=each.application,
                name=each.name,
                since=each.since,
                names=list(each.names),
            )
            for each in self._book.withheld(rule.name)
        ]
        not_sent += self._lost(rule)
        return RuleShown(
            name=rule.name,
            case=rule.case,
            case_state=self._sight.case(rule.case).value if rule.asks_case else "",
            when=str(rule.when),
            following=following,
            level=rule.level.value if rule.level is not None else "",
            sent=sent[0],
            sent_size=sent[1],
            waiting=waiting,
            not_sent=not_sent,
        )

    def _lost(self, rule: Rule) -> list[RuleReason]:
        """What was destroyed before it could be kept, of each log by itself."""
        return [
            RuleReason(
                "destroyed",
                f"Bytes {loss.first} to {loss.last} are lost. {loss.reason}",
                1,
                loss.last - loss.first,
                application=loss.application,
                name=loss.path,
                since=loss.at,
            )
            for loss in (self.rescues.losses() if self.rescues else ())
            if loss.folder in rule.folders and rule.wants(loss.application)
        ]

    def _of_jobs(self, rule: Rule) -> tuple[tuple[int, int], list[RuleReason], list[RuleReason]]:
        """Files and bytes that arrived in its case; what is on its way; what jobs left out.

        What it took up for a case that it had before is told by itself: it is claimed for good.
        """
        files: Counter[tuple[str, str]] = Counter()
        sizes: Counter[tuple[str, str]] = Counter()
        names: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for each in self._journal.tally(rule.name):
            kind = ("" if each.case == rule.case else each.case, _reason(each))
            files[kind] += each.files
            sizes[kind] += each.size
            names.setdefault(kind, []).extend(each.names)
        waiting: list[RuleReason] = []
        not_sent: list[RuleReason] = []
        for (case, reason), count in sorted(files.items()):
            size, named = sizes[case, reason], _last(names[case, reason])
            if case:
                words = _of_earlier(case, reason, now=rule.case)
                told = RuleReason(_EARLIER, words, count, size, names=named)
                (waiting if reason == _WAY else not_sent).append(told)
            elif reason == _WAY:
                waiting.append(RuleReason(reason, _ON_THEIR_WAY, count, size, names=named))
            elif reason:
                not_sent.append(RuleReason(reason, _word(reason), count, size, names=named))
        return (files["", ""], sizes["", ""]), waiting, not_sent


def _told_elsewhere(segments: Sequence[Segment], rules: Mapping[str, str]) -> list[RuleReason]:
    """What other rules have taken up, of each rule by itself."""
    counts: Counter[str] = Counter(rules[segment.key] for segment in segments)
    sizes: Counter[str] = Counter()
    names: dict[str, list[str]] = {}
    for segment in segments:
        sizes[rules[segment.key]] += segment.size
        names.setdefault(rules[segment.key], []).append(segment.path)
    words = WORDS[Verdict.ELSEWHERE]
    return [
        RuleReason(
            Verdict.ELSEWHERE.value,
            words.format(rule=rule),
            counts[rule],
            sizes[rule],
            names=names[rule][: -MOST_NAMES - 1 : -1],
        )
        for rule in sorted(counts)
    ]


def _last(names: Sequence[tuple[str, str]]) -> list[str]:
    """Of names with their times the last ones first, those of one time as they are."""
    ordered = sorted(names, key=itemgetter(0), reverse=True)
    return [name for _made, name in ordered[:MOST_NAMES]]


def _reason(tally: Tally) -> str:
    """Why a file of a job was not sent, in a word; empty when it was."""
    if tally.kind:
        return tally.kind
    if tally.job is JobState.VERIFIED:
        return ""
    if tally.job is JobState.FAILED and tally.because == _TAKES_FILES:
        return _CASE_CLOSED
    if tally.job in (JobState.CANCELLED, JobState.FAILED):
        return tally.job.value
    return _WAY


def _of_earlier(case: str, reason: str, *, now: str) -> str:
    """What became of files for a case that the rule had before."""
    if reason == _WAY:
        return _ON_THEIR_WAY_THERE.format(case=case)
    if not reason:
        return _WENT_THERE.format(case=case, now=now)
    return _STAYED.format(case=case, now=now, why=_word(reason))


def _word(reason: str) -> str:
    words = {
        JobState.FAILED.value: _FAILED,
        JobState.CANCELLED.value: _CANCELLED,
        _CASE_CLOSED: _REFUSED_THERE,
    }
    return words.get(reason) or _LEFT_OUT.get(reason, "They were left out; their job says why.")
