"""What the demo proves: every closed segment arrived once, verified, and nothing personal arrived with it."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.agentlink import Job, JobState
from app.bundle import MANIFEST_NAME, read_manifest, verify_bundle
from app.commands.demo.stage import Site
from app.domain.errors import IntegrityError
from app.domain.files import FileCheck
from app.portal import PortalClient

_SERIES = re.compile(r"\A(?P<series>.+?)[.-][0-9]{8}_[0-9]{6}_[0-9]{3}\.log\Z")
_SHORTEST = 6
"""Truth values shorter than this (a digit, an extension) stand in every log by chance and prove nothing."""
_CERTAIN = 10
"""From this length on a value counts wherever it stands; a shorter one only as a word of its own, since a few
digits stand in some of the many hexadecimal tokens and ids by chance."""


@dataclass(frozen=True, slots=True)
class SiteProof:
    """The row of one site in the demo's table; sizes in bytes."""

    case: str
    via: str
    bundles: int
    files: int
    raw: int
    sent: int
    masked: Counter[str]


class _Truth(msgspec.Struct):
    kind: str
    value: str


def closed_segments(folder: Path) -> set[str]:
    """Names of the segments that have a newer one of the same application beside them."""
    by_series: dict[str, list[str]] = {}
    for path in folder.iterdir():
        match = _SERIES.match(path.name)
        if match is not None:
            by_series.setdefault(match["series"], []).append(path.name)
    return {name for names in by_series.values() for name in sorted(names)[:-1]}


def arrived(site: Site, jobs: Iterable[Job]) -> list[Job]:
    """The site's verified jobs."""
    return [job for job in jobs if job.source == site.rule and job.state is JobState.VERIFIED]


def complete(site: Site, jobs: Sequence[Job]) -> bool:
    """Whether every closed segment is in a verified job."""
    done = {file.name.rpartition("/")[2] for job in arrived(site, jobs) for file in job.files}
    return closed_segments(site.folder) <= done


def prove(site: Site, jobs: Sequence[Job], *, client: PortalClient, folder: Path) -> SiteProof:
    """Fetch every bundle of the site from the portal and check it.

    Raises:
        IntegrityError: a digest differs, a segment came twice, or a personal value is in a bundle.
    """
    mine = arrived(site, jobs)
    at_portal = {file.sha256: file for file in client.files(site.case)}
    secrets = _personal_values(site.truth)
    seen: Counter[str] = Counter()
    masked: Counter[str] = Counter()
    for job in mine:
        file = at_portal.get(job.sha256)
        if file is None or file.check is not FileCheck.VERIFIED:
            raise _wrong(f"{job.name} is not verified at the portal.")
        bundle = client.download(site.case, file.id, folder / f"{file.id}.zip").path
        if hashlib.sha256(bundle.read_bytes()).hexdigest() != job.sha256:
            raise _wrong(f"{job.name} came back with another digest.")
        verify_bundle(bundle)
        seen.update(member.name for member in read_manifest(bundle).members)
        masked.update(job.counts)
        refuse_personal_values(bundle, secrets)
    twice = [name for name, count in seen.items() if count > 1]
    if twice:
        raise _wrong(f"{len(twice)} segments arrived twice.")
    if len(seen) < len(closed_segments(site.folder)):
        raise _wrong(f"Only {len(seen)} of {len(closed_segments(site.folder))} segments arrived.")
    return SiteProof(
        case=site.case,
        via=site.via,
        bundles=len(mine),
        files=len(seen),
        raw=sum(job.raw_size for job in mine),
        sent=sum(job.size for job in mine),
        masked=masked,
    )


def _personal_values(truth: Path) -> set[bytes]:
    rows = truth.read_bytes().splitlines()
    decoder = msgspec.json.Decoder(_Truth)
    values = {decoder.decode(row).value for row in rows}
    return {value.encode() for value in values if len(value) >= _SHORTEST}


def refuse_personal_values(bundle: Path, secrets: set[bytes]) -> None:
    """Look for every personal value in every member.

    Raises:
        IntegrityError: with the member's name, never the value.
    """
    with zipfile.ZipFile(bundle) as archive:
        for member in archive.namelist():
            text = archive.read(member)
            if member != MANIFEST_NAME and any(stands_in(text, value) for value in secrets):
                raise _wrong(f"A personal value is in {member}.")


def stands_in(text: bytes, value: bytes) -> bool:
    """Whether a personal value stands in a masked text; a short one as a word of its own."""
    if value not in text:
        return False
    if len(value) >= _CERTAIN:
        return True
    return re.search(rb"(?<![0-9A-Za-z])" + re.escape(value) + rb"(?![0-9A-Za-z])", text) is not None


def _wrong(happened: str) -> IntegrityError:
    return IntegrityError(
        "The demo's proof failed",
        happened=happened,
        todo="Run it again with --keep DIR; DIR then holds the logs, the bundles and what was expected.",
        code="CF-1710",
    )
