"""What became of all files that a rule claimed, counted by what came of them and why."""

from __future__ import annotations

from agent.jobs.rows import Tally
from app.agentlink import MOST_NAMES, JobState
from app.storage import Database

_OF_A_RULE = (
    "SELECT jobs.case_number AS case_number, jobs.state AS state, job_files.kind AS kind, "
    "coalesce(json_extract(problem, '$.rule'), '') AS because, job_files.name AS name, "
    "job_files.number AS number, raw_size, jobs.created AS created "
    "FROM jobs JOIN job_files ON job_files.job = jobs.id WHERE jobs.source = ?"
)
_COUNTED = (
    "SELECT case_number, state, kind, because, count(*) AS files, sum(raw_size) AS size "  # noqa: S608 - no value
    f"FROM ({_OF_A_RULE}) GROUP BY 1, 2, 3, 4"
)
_NAMES = (
    "SELECT case_number, state, kind, because, created, name FROM (SELECT *, row_number() OVER "  # noqa: S608 - no value
    "(PARTITION BY case_number, state, kind, because ORDER BY created DESC, number DESC) AS place "
    f"FROM ({_OF_A_RULE} AND (kind <> '' OR jobs.state <> 'verified'))) WHERE place <= ? ORDER BY place"
)


def tallies_of(database: Database, rule: str) -> list[Tally]:
    """Files of a rule's jobs that have come equally far; those that were not sent with their names.

    Args:
        database: the journal's.
        rule: its name.
    """
    names: dict[tuple[str, str, str, str], list[tuple[str, str]]] = {}
    for row in database.rows(_NAMES, (rule, MOST_NAMES)):
        names.setdefault(tuple(row)[:4], []).append((row["created"], row["name"]))
    return [
        Tally(
            case=row["case_number"],
            job=JobState(row["state"]),
            kind=row["kind"],
            files=row["files"],
            size=row["size"],
            because=row["because"],
            names=tuple(names.get(tuple(row)[:4], ())),
        )
        for row in database.rows(_COUNTED, (rule,))
    ]
