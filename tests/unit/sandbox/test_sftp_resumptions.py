"""When an upload over SFTP counts as resumed: after a break, and not for every further connection."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from app.sandbox.sftp.writers import Writers

PLACE = ("0003256109", "logs.zip.part")


@dataclass(eq=False)
class Handle:
    last_write: float
    abandoned: bool = False
    revoked: bool = False

    def revoke(self) -> None:
        self.revoked = True


@dataclass
class Upload:
    """One file, and what its connections do; every act is a second after the one before."""

    now: float = 0.0
    writers: Writers = field(init=False)

    def __post_init__(self) -> None:
        self.writers = Writers(lambda: self.now, stale=20.0)

    def opened(self, *, goes_on: bool = True) -> Handle:
        self.now += 1
        handle = Handle(self.now)
        assert self.writers.add(PLACE, handle, goes_on=goes_on)
        return handle

    def written(self, *handles: Handle) -> None:
        self.now += 1
        for handle in handles:
            handle.last_write = self.now

    def closed(self, *handles: Handle) -> None:
        for handle in handles:
            self.now += 1
            self.writers.remove(handle)

    def lost(self, *handles: Handle) -> None:
        for handle in handles:
            handle.abandoned = True
        self.closed(*handles)

    def finished(self, *handles: Handle) -> None:
        """They write for the last time, and are closed."""
        self.written(*handles)
        self.closed(*handles)

    def gone_on(self) -> None:
        """One more handle, from its opening to its end."""
        self.finished(self.opened())

    @property
    def resumed(self) -> int:
        return self.writers.take_resumed(PLACE)


@pytest.fixture
def upload() -> Upload:
    return Upload()


def test_further_connections_of_one_upload_resume_nothing(upload: Upload) -> None:
    first = upload.opened(goes_on=False)
    upload.written(first)
    others = [upload.opened() for _ in range(7)]
    upload.written(first, *others)
    upload.closed(*others, first)
    assert upload.resumed == 0


def test_a_break_of_several_connections_is_resumed_once(upload: Upload) -> None:
    before = [upload.opened(goes_on=False), upload.opened(), upload.opened()]
    upload.written(*before)
    upload.lost(*before)
    upload.finished(upload.opened(), upload.opened(), upload.opened())
    assert upload.resumed == 1


def test_a_sender_that_is_back_before_its_connections_are_known_to_be_lost_resumes(upload: Upload) -> None:
    before = [upload.opened(goes_on=False), upload.opened()]
    upload.written(*before)
    after = [upload.opened(), upload.opened()]
    upload.written(*after)
    upload.lost(*before)
    upload.finished(*after)
    assert upload.resumed == 1


def test_it_does_too_when_they_are_lost_after_it_has_closed(upload: Upload) -> None:
    before = upload.opened(goes_on=False)
    upload.gone_on()
    upload.lost(before)
    assert upload.resumed == 1


def test_connections_that_are_never_known_to_be_lost_count_when_the_file_is_taken(upload: Upload) -> None:
    upload.opened(goes_on=False)
    upload.gone_on()
    upload.now += 60
    assert upload.writers.claim(PLACE)
    assert upload.resumed == 1


def test_one_connection_that_is_lost_while_the_others_go_on_is_no_break(upload: Upload) -> None:
    first, second = upload.opened(goes_on=False), upload.opened()
    upload.written(first, second)
    upload.lost(second)
    third = upload.opened()
    upload.finished(first, third)
    assert upload.resumed == 0


def test_connections_that_are_lost_together_have_not_resumed_each_other(upload: Upload) -> None:
    upload.lost(upload.opened(goes_on=False), upload.opened(), upload.opened())
    assert upload.resumed == 0


def test_a_dead_connection_is_resumed_once_by_however_many_handles_in_turn(upload: Upload) -> None:
    dead = upload.opened(goes_on=False)
    for _ in range(3):
        upload.gone_on()
    upload.lost(dead)
    assert upload.resumed == 1


def test_it_is_once_also_when_one_of_them_is_closed_after_it_is_known_to_be_lost(upload: Upload) -> None:
    dead = upload.opened(goes_on=False)
    upload.closed(upload.opened())
    last = upload.opened()
    upload.lost(dead)
    upload.finished(last)
    assert upload.resumed == 1


def test_connections_that_all_fell_silent_have_not_resumed_each_other(upload: Upload) -> None:
    first = upload.opened(goes_on=False)
    upload.written(first)
    upload.opened()
    upload.now += 60
    assert upload.writers.claim(PLACE)
    assert upload.resumed == 0


def test_however_many_handles_come_and_go_behind_one_no_more_is_kept_of_them(upload: Upload) -> None:
    dead = upload.opened(goes_on=False)
    for _ in range(200):
        upload.closed(upload.opened())
    assert len(upload.writers._behind[PLACE]) == 1
    upload.lost(dead)
    assert upload.resumed == 1


def test_a_file_that_was_renamed_keeps_what_is_known_of_it(upload: Upload) -> None:
    upload.opened()
    upload.writers.moved(PLACE, (PLACE[0], "logs.zip"))
    assert upload.writers.take_resumed((PLACE[0], "logs.zip")) == 1


def test_a_file_that_takes_the_place_of_a_resumed_one_was_not_resumed_itself(upload: Upload) -> None:
    upload.opened()
    upload.writers.moved((PLACE[0], "other.zip.part"), PLACE)
    assert upload.resumed == 0
