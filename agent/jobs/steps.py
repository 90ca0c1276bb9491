"""How far the steps of a job are, as lists show them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agent.jobs.rows import FileRow, FileState, JobRow
from agent.jobs.volumes import UNPLANNED, VolumeRow
from app.agentlink import JobState, JobStep, Step

_BEFORE_CONFIRMED = frozenset({JobState.COLLECTING, JobState.MASKING, JobState.REVIEW})


def steps_of(row: JobRow, files: Sequence[FileRow], volumes: Sequence[VolumeRow]) -> list[JobStep]:
    """The steps in their order; a person's job holds nothing, and only that is reviewed.

    Args:
        row: the job.
        files: of it.
        volumes: its bundles, as far as they were sealed.
    """
    aim = row.back_to or row.state
    inside = [file for file in files if file.state in (FileState.WAITING, FileState.MASKED)]
    masked = sum(file.state is FileState.MASKED for file in inside)
    selected = len(files) if aim is not JobState.COLLECTING else sum(bool(f.raw_sha256) for f in files)
    planned = {file.volume for file in inside if file.volume != UNPLANNED}
    bundles = max(len(planned | {volume.number for volume in volumes}), 1)
    verified = sum(volume.verified for volume in volumes)
    steps = [JobStep(Step.SELECT, selected, len(files))]
    if not row.dropped:
        steps.append(JobStep(Step.HOLD, selected, len(files)))
    steps.append(JobStep(Step.MASK, masked, len(inside)))
    if row.dropped:
        steps.append(JobStep(Step.REVIEW, 0 if aim in _BEFORE_CONFIRMED else masked, masked))
    return [
        *steps,
        JobStep(Step.BUNDLE, sum(volume.sealed for volume in volumes), bundles),
        JobStep(Step.SEND, verified, bundles),
        JobStep(Step.VERIFY, verified, bundles),
    ]
