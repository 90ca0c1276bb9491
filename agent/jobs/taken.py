"""What of a log is taken up already: by jobs of the same rule, and by other rules for the same case.

A rule claims for good. For others its claim counts as long as they would send the same: to the same case,
masked by the same rules with the same key, and by a job that has not failed and was not cancelled; of one
that was, what has arrived counts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from agent.jobs.rows import DROP, REQUEST, FileRow, SegmentMark
from agent.watch import Fingerprint
from agent.watch.fingerprint import HEAD
from app.decoding import ready
from app.storage import Database

_ELSEWHERE = (
    "jobs.case_number = :case AND jobs.source NOT IN (:rule, :drop) AND jobs.source NOT GLOB :request "
    "AND (:by = '' OR job_files.masked_by IN ('', :by)) "
    "AND (jobs.state NOT IN ('failed', 'cancelled') OR EXISTS (SELECT 1 FROM volumes WHERE "
    "volumes.job = jobs.id AND volumes.number = job_files.volume AND volumes.verified))"
)
_TAKEN = (
    "((ranges.rule = :rule AND (job_files.state IN ('waiting', 'masked') OR job_files.kind = 'duplicate')) "
    f"OR (job_files.state IN ('waiting', 'masked') AND {_ELSEWHERE}))"
)
_RANGES = (
    "FROM ranges JOIN job_files USING (job, number) JOIN jobs ON jobs.id = job_files.job "
    "WHERE ranges.application = :application AND "
)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who carries some bytes.

    Attributes:
        rule: whose job that is.
        segment: the catalogue's key of what it lies in; empty when it is not known any more.
    """

    job: str
    number: int
    rule: str = ""
    segment: str = ""


def whole_head(known: Fingerprint) -> str:
    """The digest of a head that does not change when the file grows; empty while it still does."""
    return known.head if known.head_length == HEAD else ""


class TakenUp:
    """The journal's tables of ranges and contents. Usable from any thread."""

    def __init__(self, database: Database, *, by: str) -> None:
        """Use the journal's database.

        Args:
            database: of the journal.
            by: rules and key of the agent now, see `agent.jobs.masking.masked_by`; whatever when empty.
        """
        self._database = database
        self._by = by

    def elsewhere(self, rule: str, case: str, segments: Collection[str]) -> dict[str, str]:
        """Segments, by key, that other rules have taken up for the case: the name of one that has."""
        if not segments or not self._others(rule, case):
            return {}
        rows = self._database.rows(*self._of_segments(rule, case, segments))
        return {row["segment"]: row["rule"] for row in rows}

    def is_elsewhere(
        self, connection: sqlite3.Connection, rule: str, case: str, segments: Collection[str]
    ) -> bool:
        """The same of any of them, inside a transaction."""
        return connection.execute(*self._of_segments(rule, case, segments)).fetchone() is not None

    def beginnings(
        self, rule: str, application: str, *, known: Fingerprint, case: str = ""
    ) -> list[SegmentMark]:
        """What jobs have taken up and may be the beginning of this, the longest first.

        It may be all of it when it was rescued: it was not closed then, and has no key by which it is known.

        What a job could not mask or read was not taken up: it is not in any bundle.
        """
        rows = self._database.rows(
            f"SELECT ranges.mark AS mark {_RANGES} head IN ('', :head) AND upto > 0 "
            "AND (upto < :size OR (upto = :size AND json_extract(ranges.mark, '$.kept') > 0)) "
            f"AND {_TAKEN} ORDER BY upto DESC",
            {
                **self._scope(rule, case),
                "application": application,
                "head": whole_head(known),
                "size": known.size,
            },
        )
        return [msgspec.json.decode(row["mark"], type=ready(SegmentMark)) for row in rows]

    def before(self, rule: str, file: FileRow, *, case: str = "") -> int:
        """Bytes of the file's generation that other jobs have taken up, as far as before its end.

        Less than when it was claimed, when a job that was to send them could not; 0 when none is left.
        """
        if file.mark is None:
            return 0
        row = self._database.row(
            f"SELECT max(upto) {_RANGES} upto < :upto AND upto > 0 "
            f"AND json_extract(ranges.mark, '$.generation') = :generation AND {_TAKEN} "
            "AND ranges.job <> :job",
            {
                **self._scope(rule, case),
                "application": file.application,
                "upto": file.upto,
                "generation": file.mark.generation,
                "job": file.job,
            },
        )
        return 0 if row is None or row[0] is None else int(row[0])

    def with_more(
        self, rule: str, file: FileRow, *, case: str = "", same_job: bool = False
    ) -> list[SegmentMark]:
        """What other jobs send that may hold all of the file's range, and goes on behind it.

        With `same_job` other files of its own job are among them.
        """
        if file.mark is None:
            return []
        rows = self._database.rows(
            f"SELECT ranges.mark AS mark {_RANGES} (head = :head OR :head = '') "
            "AND upto > :upto AND job_files.state IN ('waiting', 'masked') AND job_files.start <= :start "
            "AND (ranges.job <> :job OR (:same AND ranges.number <> :number)) "
            f"AND (ranges.rule = :rule OR ({_ELSEWHERE}))",
            {
                **self._scope(rule, case),
                "application": file.application,
                "head": whole_head(file.mark.print),
                "upto": file.upto,
                "start": file.start,
                "job": file.job,
                "same": same_job,
                "number": file.number,
            },
        )
        return [msgspec.json.decode(row["mark"], type=ready(SegmentMark)) for row in rows]

    def carrier(self, file: FileRow, *, rule: str, sha256: str, case: str = "") -> Carrier:
        """Who carries these bytes for the rule, or has for its case: the file that came first.

        A file that asks first becomes the carrier; asking again changes nothing, unless its job could not
        send them and another rule's does meanwhile.
        """
        asked = {**self._scope(rule, case), "application": file.application, "sha256": sha256}
        asked |= {"job": file.job, "number": file.number}
        with self._database.transaction() as connection:
            mine = connection.execute(
                "SELECT job, number FROM contents WHERE rule = :rule AND application = :application "
                "AND sha256 = :sha256",
                asked,
            ).fetchone()
            if mine is not None and (mine["job"], mine["number"]) != (file.job, file.number):
                return Carrier(mine["job"], mine["number"], rule)
            other = connection.execute(
                "SELECT contents.rule AS rule, contents.job AS job, contents.number AS number, "  # noqa: S608 - ours
                "coalesce(job_files.segment, '') AS segment FROM contents "
                "LEFT JOIN job_files ON job_files.job = contents.job AND job_files.number = contents.number "
                "LEFT JOIN jobs ON jobs.id = contents.job WHERE contents.sha256 = :sha256 "
                "AND contents.application = :application AND contents.rule <> :rule AND ("
                f"(job_files.state IN ('waiting', 'masked') AND {_ELSEWHERE}) "
                "OR (:case <> '' AND contents.case_number = :case AND contents.rule NOT GLOB :request "
                "AND (:by = '' OR contents.masked_by = :by)))",
                asked,
            ).fetchone()
            if other is not None:
                return Carrier(other["job"], other["number"], other["rule"], other["segment"])
            if mine is None:
                connection.execute(
                    "INSERT INTO contents (rule, application, sha256, job, number) "
                    "VALUES (:rule, :application, :sha256, :job, :number)",
                    asked,
                )
            return Carrier(file.job, file.number, rule, file.segment)

    def taken_meanwhile(self, connection: sqlite3.Connection, job: str) -> set[int]:
        """Bundles of a failed job that did not arrive and hold what other rules may have sent since."""
        row = connection.execute("SELECT source, case_number FROM jobs WHERE id = ?", (job,)).fetchone()
        if row is None or not _is_rule(row["source"]):
            return set()
        asked = {**self._scope(row["source"], row["case_number"]), "own": job}
        mine = (
            "FROM {0} AS mine JOIN job_files AS file ON file.job = mine.job AND file.number = mine.number "
            "JOIN {0} AS theirs ON theirs.application = mine.application AND theirs.rule <> mine.rule AND "
        )
        other = (
            "JOIN job_files ON job_files.job = theirs.job AND job_files.number = theirs.number "
            "JOIN jobs ON jobs.id = theirs.job WHERE mine.job = :own AND mine.rule = :rule "
            f"AND job_files.state IN ('waiting', 'masked') AND {_ELSEWHERE} "
        )
        found = connection.execute(
            "SELECT DISTINCT volume FROM ("  # noqa: S608 - ours
            f"SELECT file.volume AS volume {mine.format('contents')} "
            f"theirs.sha256 = mine.sha256 {other} UNION "
            f"SELECT file.volume AS volume {mine.format('ranges')} theirs.head = mine.head "
            "AND theirs.upto >= mine.upto AND mine.head <> '' AND "
            "json_extract(theirs.mark, '$.inode') = json_extract(mine.mark, '$.inode') "
            f"{other}) WHERE volume NOT IN (SELECT number FROM volumes WHERE job = :own AND verified)",
            asked,
        ).fetchall()
        return {int(each[0]) for each in found}

    def _of_segments(self, rule: str, case: str, segments: Collection[str]) -> tuple[str, dict[str, object]]:
        found = (
            "SELECT job_files.segment AS segment, jobs.source AS rule "  # noqa: S608 - ours
            "FROM job_files JOIN jobs ON jobs.id = job_files.job "
            "WHERE job_files.segment IN (SELECT value FROM json_each(:segments)) "
            "AND job_files.segment <> '' AND job_files.state IN ('waiting', 'masked', 'quarantined') "
            f"AND {_ELSEWHERE} ORDER BY jobs.number DESC"
        )
        keys = msgspec.json.encode(list(segments)).decode()
        return found, {**self._scope(rule, case), "segments": keys}

    def _others(self, rule: str, case: str) -> bool:
        """Whether any other rule had a job for the case: most often none had."""
        row = self._database.row(
            "SELECT 1 FROM jobs WHERE case_number = :case AND source NOT IN (:rule, :drop) "
            "AND source NOT GLOB :request LIMIT 1",
            self._scope(rule, case),
        )
        return row is not None

    def _scope(self, rule: str, case: str) -> dict[str, object]:
        """Parameters; support asked for the very files, whoever has sent them: there the case is left out."""
        return {
            "rule": rule,
            "case": case if _is_rule(rule) else "",
            "by": self._by,
            "drop": DROP,
            "request": f"{REQUEST}*",
        }


def keep_contents(connection: sqlite3.Connection, jobs: str) -> None:
    """Before jobs are forgotten: note which case has their contents.

    Args:
        connection: in a transaction.
        jobs: their ids, as JSON.
    """
    connection.execute(
        "UPDATE contents SET (case_number, masked_by) = (SELECT jobs.case_number, job_files.masked_by "
        "FROM jobs JOIN job_files ON job_files.job = jobs.id AND job_files.number = contents.number "
        "WHERE jobs.id = contents.job) WHERE job IN (SELECT value FROM json_each(?)) AND EXISTS "
        "(SELECT 1 FROM job_files JOIN volumes ON volumes.job = job_files.job AND volumes.number = "
        "job_files.volume WHERE job_files.job = contents.job AND job_files.number = contents.number "
        "AND job_files.state = 'masked' AND volumes.verified)",
        (jobs,),
    )


def _is_rule(source: str) -> bool:
    return source != DROP and not source.startswith(REQUEST)
