"""Any schedule of faults, against a model of the two stores: nothing lost, nothing doubled."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
from hashlib import sha256
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.domain.errors import WorldError
from app.domain.files import SealedBundle
from app.storage import untouched
from app.transfer import Journal, RetryPolicy, Transfer, TransferState, send
from app.transfer.parts import acked_parts
from tests.peers.memory_store import Fault, Killed, MemoryDestination, MemoryStore

PART = 1000
CALLS = st.sampled_from(["open", "lane", "put", "put", "put", "put", "finish", "verify"])
SCRIPTS = st.lists(st.tuples(CALLS, st.one_of(st.none(), st.sampled_from(list(Fault)))), max_size=8)
AT_ONCE = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.05, most_restarts=1000)


class Schedules(RuleBasedStateMachine):
    """Bundle after bundle, each with a key of its own; senders come, fail, are killed, and come again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="caseferry-schedules-")
        self.store = MemoryStore()
        self.arrived: dict[str, bytes] = {}
        self.number = 0
        self.content = b""

    @initialize(
        size=st.integers(1, 9 * PART),
        runs=st.sampled_from([0, 0, 1, 1, 2, 3]),
        lanes=st.integers(1, 4),
        part_digests=st.booleans(),
        whole_compared=st.booleans(),
    )
    def begin(self, size: int, runs: int, lanes: int, *, part_digests: bool, whole_compared: bool) -> None:
        self.runs, self.lanes = runs, lanes
        self.part_digests, self.whole_compared = part_digests, whole_compared
        self.next_bundle(size)

    @rule(size=st.integers(1, 9 * PART))
    def the_next_bundle(self, size: int) -> None:
        self.next_bundle(size)

    def ready(self) -> None:
        """A bundle that is not at its end; which one it is must not decide what Hypothesis draws."""
        if self.changed or self.key in self.arrived:
            self.next_bundle(len(self.content))

    def next_bundle(self, size: int) -> None:
        self.number += 1
        self.key = f"k{self.number}"
        self.content = random.Random(self.number).randbytes(size)
        path = Path(self.folder.name) / f"logs-{self.number}.zip"
        path.write_bytes(self.content)
        digest = sha256(self.content).hexdigest()
        self.bundle = SealedBundle(path, path.name, size, digest, "0" * 64, untouched(path.stat()))
        self.store.stored = self.faults = self.forgotten = self.rotted = 0
        self.changed = False

    @rule()
    def the_store_forgets_what_is_not_finished(self) -> None:
        self.store.forget()
        self.forgotten += 1

    @rule(place=st.integers(0, 9 * PART))
    def what_is_stored_rots(self, place: int) -> None:
        self.store.rot(place)
        self.rotted += 1

    @rule(most=st.integers(1, 4))
    def the_store_takes_fewer_connections(self, most: int) -> None:
        self.store.most_lanes = most

    @rule(script=SCRIPTS)
    def a_sender_runs(self, script: list[tuple[str, Fault | None]]) -> None:
        self.ready()
        for call, fault in script:
            self.store.say(call, fault)
            self.faults += fault is not None
            self.rotted += fault is Fault.CORRUPT
        self.send()
        self.store.script.clear()

    @rule()
    def a_sender_runs_and_all_is_well(self) -> None:
        self.ready()
        self.store.most_lanes = 4
        self.send()
        if self.rotted and self.key not in self.arrived:
            self.send()  # that it was stored wrongly was found out at its end
        assert self.key in self.arrived

    @rule(place=st.integers(0, 9 * PART), seldom=st.integers(1, 5))
    def the_source_is_changed(self, place: int, seldom: int) -> None:
        self.ready()
        if seldom == 5:
            data = bytearray(self.content)
            data[place % len(data)] ^= 0xFF
            self.bundle.path.write_bytes(data)
            self.changed = True
            self.send()
            assert self.key not in self.arrived

    def send(self) -> None:
        with Journal(Path(self.folder.name) / "journal.db") as journal:
            destination = MemoryDestination(
                self.store,
                runs=self.runs,
                connections=self.lanes,
                part_size=PART,
                smallest_part=PART // 4,
                part_digests=self.part_digests,
                resume_digests=not self.runs,
                whole_compared=self.whole_compared,
            )
            with contextlib.suppress(Killed, WorldError):
                proof = send(journal, self.bundle, destination, key=self.key, policy=AT_ONCE)
                assert proof.sha256 == self.bundle.sha256
                self.arrived[self.key] = self.content
            found = journal.find(self.key)
            assert found is not None
            assert (found.state is TransferState.VERIFIED) == (self.key in self.arrived)
            self.compare_acknowledged(journal, found)

    def compare_acknowledged(self, journal: Journal, found: Transfer) -> None:
        """What the journal calls acknowledged is there, unless the store has thrown it away."""
        upload = self.store.unfinished.get(found.remote)
        if upload is not None and not self.forgotten:
            for part in acked_parts(journal.parts(found.id)):
                assert upload.have.covers(part.offset, part.end)

    @invariant()
    def what_is_verified_is_there_as_it_was_sealed(self) -> None:
        assert self.arrived.items() <= self.store.files.items()

    @invariant()
    def no_file_is_made_twice(self) -> None:
        # Of what was stored wrongly, and let go of, there is none for a while.
        assert all(count <= 1 for count in self.store.closings.values())
        assert all(self.store.closings[key] == 1 for key in self.store.files)

    @invariant()
    def no_file_holds_anything_but_the_sealed_content(self) -> None:
        if self.number and self.key in self.store.files and not self.rotted:
            assert self.store.files[self.key] == self.content

    @invariant()
    def nothing_is_sent_again_without_a_reason(self) -> None:
        if self.number:
            anew = self.forgotten + self.rotted
            reasons = self.faults * self.lanes * PART + anew * len(self.content)
            assert self.store.stored <= len(self.content) + reasons

    def teardown(self) -> None:
        self.folder.cleanup()


Schedules.TestCase.settings = settings(
    max_examples=int(os.environ.get("CASEFERRY_SCHEDULES", "20")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestSchedules = Schedules.TestCase
