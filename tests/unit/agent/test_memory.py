"""Memory goes back to the system after work, not in the midst of it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from agent.service.mappings import Mapping, as_in_their_files, let_go_of_files
from agent.service.memory import MemoryReturn, few_arenas, give_back, the_allocator
from agent.service.starting import config_to_run
from app.resting import kept_ready


def python(program: str) -> str:
    """What a program prints in a process of its own."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(program)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """An allocator that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    def mallopt(self, parameter: int, value: int, /) -> int:
        self.asked.append(("mallopt", parameter, value))
        return 1

    def malloc_trim(self, pad: int, /) -> int:
        self.asked.append(("malloc_trim", pad, 0))
        return 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def given() -> list[None]:
    return []


@pytest.fixture
def memory(clock: Clock, given: list[None]) -> MemoryReturn:
    made = MemoryReturn(lambda: given.append(None), clock=clock)
    clock.now += 10
    made.settle()  # what the start used
    given.clear()
    return made


def test_what_the_start_used_is_given_back(clock: Clock, given: list[None]) -> None:
    made = MemoryReturn(lambda: given.append(None), clock=clock)
    clock.now += 10
    made.settle()
    assert len(given) == 1


def test_nothing_is_given_back_while_there_is_work(
    memory: MemoryReturn, clock: Clock, given: list[None]
) -> None:
    for _ in range(10):
        memory.worked()
        clock.now += 1
        memory.settle()
    assert not given


def test_it_is_given_back_once_after_work(memory: MemoryReturn, clock: Clock, given: list[None]) -> None:
    memory.worked()
    for _ in range(20):
        clock.now += 1
        memory.settle()
    assert len(given) == 1


def test_who_rests_gives_back_what_the_rest_used_every_ten_minutes(
    memory: MemoryReturn, clock: Clock, given: list[None]
) -> None:
    for _ in range(1500):
        clock.now += 1
        memory.settle()
    assert len(given) == 2


def test_threads_share_few_stores_of_memory() -> None:
    asked = Asked()
    few_arenas(asked)
    assert asked.asked == [("mallopt", -8, 2)]


def test_all_free_memory_is_given_back() -> None:
    asked = Asked()
    give_back(asked, let_go=lambda: None)
    assert asked.asked == [("malloc_trim", 0, 0)]


def test_libraries_are_let_go_of_as_well() -> None:
    let_go: list[None] = []
    give_back(Asked(), let_go=lambda: let_go.append(None))
    assert let_go == [None]


def test_an_agent_loads_no_library_that_guesses_encodings() -> None:
    loaded = python(
        """
        from agent.service.memory import spare_libraries
        spare_libraries()
        import requests, sys
        print(*(name for name in sys.modules if name.startswith(("charset_normalizer.", "chardet."))))
        print(requests.compat.chardet)
        """
    )
    assert loaded.split() == ["None"]


def test_an_agent_loads_no_library_that_only_rare_work_needs() -> None:
    loaded = python(
        """
        from agent.service.memory import spare_libraries
        spare_libraries()
        import agent.api.listener, agent.service.serving, sys
        rare = "click multiprocessing python_multipart python_socks statistics tarfile PySide6".split()
        print(*(name for name in rare if sys.modules.get(name) is not None))
        """
    )
    assert not loaded.strip()


def test_the_server_without_its_command_line_is_the_true_one() -> None:
    told = python(
        """
        from agent.service.memory import spare_libraries
        spare_libraries()
        import uvicorn, uvicorn.server
        print(uvicorn.Server is uvicorn.server.Server)
        """
    )
    assert told.strip() == "True"


def test_what_else_is_asked_of_the_command_line_comes_from_the_true_one() -> None:
    told = python(
        """
        from agent.service.memory import spare_libraries
        spare_libraries()
        import sys
        from uvicorn.main import run as later
        from uvicorn.main import print_version
        print(print_version.__code__.co_filename == sys.modules["uvicorn.main"].__file__)
        """
    )
    assert told.strip() == "True"


def test_what_is_kept_ready_is_let_go_of_when_memory_is_given_back() -> None:
    class Ready:
        let = 0

        def let_go(self) -> None:
            self.let += 1

    ready, gone = Ready(), Ready()
    kept_ready(ready)
    kept_ready(gone)
    del gone
    give_back(Asked(), let_go=lambda: None)
    assert ready.let == 1


def test_the_start_of_an_agent_imports_nothing_before_its_memory_is_set_up() -> None:
    loaded = python(
        "import agent.service, sys; print(*(name for name in sys.modules if name in ('requests', 'ssl')))"
    )
    assert not loaded.strip()


_MAPS = """\
7f0000000000-7f0000004000 r--p 00000000 08:01 11 /usr/lib/libmade.so
Rss:                  16 kB
Anonymous:             0 kB
7f0000004000-7f0000008000 r-xp 00004000 08:01 11 /usr/lib/libmade.so
Anonymous:             0 kB
7f0000008000-7f000000c000 r--p 00008000 08:01 11 /usr/lib/libmade.so
Anonymous:             4 kB
7f000000c000-7f0000010000 rw-p 0000c000 08:01 11 /usr/lib/libmade.so
Anonymous:             0 kB
7f0000010000-7f0000014000 rw-s 00000000 08:01 12 /var/lib/journal.db-shm
Anonymous:             0 kB
7f0000014000-7f0000018000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
7f0000018000-7f000001c000 rw-p 00000000 00:00 0
Anonymous:             0 kB
"""


def test_only_pages_that_are_as_in_their_file_are_let_go_of() -> None:
    found = list(as_in_their_files(_MAPS.splitlines()))
    assert found == [Mapping(0x7F0000000000, 0x4000), Mapping(0x7F0000004000, 0x4000)]


@pytest.mark.skipif(sys.platform != "linux", reason="nowhere else")
def test_the_kernel_is_asked_for_each_stretch(tmp_path: Path) -> None:
    smaps = tmp_path / "smaps"
    smaps.write_text(_MAPS, encoding="ascii")
    asked: list[tuple[int, int, int]] = []

    def advise(start: int, size: int, advice: int) -> int:
        asked.append((start, size, advice))
        return 0

    assert let_go_of_files(smaps, advise=advise) == 0x8000
    assert asked == [(0x7F0000000000, 0x4000, 4), (0x7F0000004000, 0x4000, 4)]


@pytest.mark.skipif(sys.platform != "linux", reason="nowhere else")
def test_a_process_works_on_without_them() -> None:
    said = python(
        """
        import hashlib, ssl, sqlite3
        from agent.service.mappings import let_go_of_files
        given = let_go_of_files()
        hashlib.sha256(b"x").hexdigest()
        ssl.create_default_context()
        sqlite3.connect(":memory:").close()
        print(given > 1_000_000)
        """
    )
    assert said.strip() == "True"


def test_a_system_that_does_not_show_its_mappings_is_left_alone(tmp_path: Path) -> None:
    assert let_go_of_files(tmp_path / "none") == 0


@pytest.mark.skipif(sys.platform == "linux", reason="there the C library is asked")
def test_elsewhere_nobody_is_asked() -> None:
    assert the_allocator() is None


@pytest.mark.parametrize("words", [["run", "--config", "a.toml"], ["run", "-c", "a.toml"]])
def test_the_words_of_a_service_need_no_command_line(words: list[str]) -> None:
    assert config_to_run(words) == Path("a.toml")


@pytest.mark.parametrize(
    "words", [[], ["run"], ["run", "--config", "--help"], ["run", "--config", ""], ["status", "-c", "a.toml"]]
)
def test_all_other_words_are_left_to_it(words: list[str]) -> None:
    assert config_to_run(words) is None
