"""What an earlier run left: bundles of runs that end beside this one are no error."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from app.bundle import Manifest
from app.commands.parcel import Parcel, _begun_before
from app.domain.files import SealedBundle

CASE = "0003256109"


def test_a_bundle_that_arrives_meanwhile_is_no_earlier_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = tmp_path / f"logs-{CASE}-a.zip", tmp_path / f"logs-{CASE}-b.zip"
    for path in (mine, other):
        path.write_bytes(b"")
    is_file = Path.is_file

    def last_seen(path: Path) -> bool:
        found = is_file(path)
        path.unlink()
        return found

    monkeypatch.setattr(Path, "is_file", last_seen)
    parcel = Parcel(
        bundle=cast(SealedBundle, SimpleNamespace(path=mine)),
        manifest=cast(Manifest, SimpleNamespace(members=[], left_out=[])),
        again=False,
    )
    assert _begun_before(parcel, case=CASE) == ""
    assert not other.exists()
