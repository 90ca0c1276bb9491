"""Where the uploads of one file begin and end."""

from __future__ import annotations

from app.transfer.tus_places import Places

MIB = 1024 * 1024


def test_a_file_a_little_longer_than_its_streams_need_has_a_run_for_each() -> None:
    places = Places.planned(16 * MIB + 123, streams=16, creation="https://portal.example/uploads")
    assert len(places.runs) == 16
    assert (places.runs[0].start, places.runs[-1].end) == (0, 16 * MIB + 123)
