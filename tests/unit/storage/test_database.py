"""What `app.storage` promises of a database file."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import LocalError
from app.storage import DuplicateRow, Durability, Migration, migrations_in, open_database

FIRST = Migration(number=1, sql="CREATE TABLE part (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE);")
SECOND = Migration(
    number=2,
    sql="ALTER TABLE part ADD COLUMN size INTEGER NOT NULL DEFAULT 0;\nUPDATE part SET size = 7;\n-- end\n",
)


def test_a_new_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    open_database(tmp_path / "s.db", [FIRST]).close()
    assert stat.S_IMODE((tmp_path / "s.db").stat().st_mode) == 0o600


def test_a_migration_keeps_the_rows_and_a_copy_of_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    old = open_database(path, [FIRST])
    with old.transaction() as connection:
        connection.execute("INSERT INTO part (digest) VALUES ('a')")
    old.close()
    new = open_database(path, [FIRST, SECOND])
    assert [tuple(row) for row in new.rows("SELECT digest, size FROM part")] == [("a", 7)]
    new.close()
    kept = open_database(tmp_path / "s.db.v1", [FIRST])
    assert [row["digest"] for row in kept.rows("SELECT digest FROM part")] == ["a"]
    kept.close()


def test_a_migration_that_fails_leaves_the_old_version(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    open_database(path, [FIRST]).close()
    broken = Migration(number=2, sql="ALTER TABLE part ADD COLUMN size INTEGER;\nSELECT * FROM nowhere;")
    with pytest.raises(Exception, match="nowhere"):
        open_database(path, [FIRST, broken])
    again = open_database(path, [FIRST])
    assert [row["name"] for row in again.rows("PRAGMA table_info(part)")] == ["id", "digest"]
    again.close()


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    open_database(tmp_path / "s.db", [FIRST, SECOND]).close()
    with pytest.raises(LocalError) as refused:
        open_database(tmp_path / "s.db", [FIRST])
    assert refused.value.code == "CF-1805"


def test_a_damaged_file_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_bytes(b"this is no database, but it is long enough to look at" * 40)
    with pytest.raises(LocalError) as refused:
        open_database(tmp_path / "s.db", [FIRST])
    assert refused.value.code == "CF-1804"


def test_the_second_claim_of_a_key_is_told_so(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.db", [FIRST])
    with database.transaction() as connection:
        connection.execute("INSERT INTO part (digest) VALUES ('a')")
    with pytest.raises(DuplicateRow), database.transaction() as connection:
        connection.execute("INSERT INTO part (digest) VALUES ('a')")
    database.close()


def test_an_exception_rolls_the_whole_block_back(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.db", [FIRST])

    def block() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO part (digest) VALUES ('a')")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        block()
    assert database.rows("SELECT * FROM part") == []
    database.close()


def test_a_commit_that_does_not_wait_leaves_the_next_one_as_it_was(tmp_path: Path) -> None:
    def synchronous(connection: sqlite3.Connection) -> int:
        found: int = connection.execute("PRAGMA synchronous").fetchone()[0]
        return found

    database = open_database(tmp_path / "x.sqlite3", [FIRST], durability=Durability.FULL)
    with database.transaction(waits=False) as connection:
        assert synchronous(connection) == 1
    with database.transaction() as connection:
        assert synchronous(connection) == 2
    with pytest.raises(ZeroDivisionError), database.transaction(waits=False):
        raise ZeroDivisionError
    with database.transaction() as connection:
        assert synchronous(connection) == 2
    database.close()


def test_writers_of_many_threads_all_arrive(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.db", [FIRST], durability=Durability.NORMAL)

    def write(name: str) -> None:
        for number in range(20):
            with database.transaction() as connection:
                connection.execute("INSERT INTO part (digest) VALUES (?)", (f"{name}-{number}",))

    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = database.row("SELECT COUNT(*) FROM part")
    assert row is not None
    assert row[0] == 80
    database.close()


def test_a_committed_row_survives_a_kill(tmp_path: Path) -> None:
    program = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from app.storage import Migration, open_database\n"
        f"first = Migration(number=1, sql={FIRST.sql!r})\n"
        "d = open_database(Path(sys.argv[1]), [first])\n"
        "with d.transaction() as c: c.execute(\"INSERT INTO part (digest) VALUES ('kept')\")\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "s.db"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=Path(__file__).parents[3], env=os.environ, check=False
    )
    assert done.returncode == -9
    database = open_database(path, [FIRST])
    assert [row["digest"] for row in database.rows("SELECT digest FROM part")] == ["kept"]
    database.close()


def test_migrations_are_numbered_without_gaps(tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("SELECT 1;")
    (tmp_path / "0003_third.sql").write_text("SELECT 1;")
    with pytest.raises(ValueError, match="without gaps"):
        migrations_in(tmp_path)


def test_a_reader_in_the_midst_of_a_transaction_sees_what_was_before(tmp_path: Path) -> None:
    database = open_database(tmp_path / "a.db", [FIRST])
    seen: list[int] = []

    def count() -> None:
        seen.append(len(database.rows("SELECT * FROM part")))

    with database.transaction() as connection:
        connection.execute("INSERT INTO part (digest) VALUES ('x')")
        other = threading.Thread(target=count)
        other.start()
        other.join()
        count()
    database.close()
    assert seen == [0, 1]


def test_threads_that_read_one_after_the_other_share_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(tmp_path / "a.db", [FIRST])
    opened: list[object] = []
    connect = sqlite3.connect

    def counting(*given: object, **named: object) -> sqlite3.Connection:
        opened.append(given)
        return connect(*given, **named)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(sqlite3, "connect", counting)
    for _ in range(20):
        reader = threading.Thread(target=lambda: database.rows("SELECT * FROM part"))
        reader.start()
        reader.join()
    database.close()
    assert not opened


def test_nothing_is_read_from_a_database_that_was_closed(tmp_path: Path) -> None:
    database = open_database(tmp_path / "a.db", [FIRST])
    database.close()
    with pytest.raises(LocalError) as told:
        database.rows("SELECT 1")
    assert told.value.code == "CF-1801"
    with pytest.raises(LocalError), database.transaction():
        pass


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """All that are opened in this test."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noting(*words: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*words, **options))
        return opened[-1]

    monkeypatch.setattr("app.storage.database.sqlite3.connect", noting)
    return opened


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True


def test_a_rest_closes_what_nobody_reads_with_and_reading_goes_on_after_it(
    tmp_path: Path, connections: list[sqlite3.Connection]
) -> None:
    database = open_database(tmp_path / "s.db", [FIRST])
    try:
        database.row("SELECT 1")
        writing = next(each for each in connections if each is database._writing)
        database.let_go()
        assert [each for each in connections if is_open(each)] == [writing]
        assert database.row("SELECT count(*) FROM part") is not None
    finally:
        database.close()


def test_a_rest_leaves_a_transaction_alone(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.db", [FIRST])
    try:
        with database.transaction() as connection:
            connection.execute("INSERT INTO part (digest) VALUES ('a')")
            database.let_go()
            connection.execute("INSERT INTO part (digest) VALUES ('b')")
        assert len(database.rows("SELECT digest FROM part")) == 2
    finally:
        database.close()


def test_a_rest_does_not_wait_for_who_writes(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.db", [FIRST])
    try:
        with database.transaction():
            resting = threading.Thread(target=database.let_go)
            resting.start()
            resting.join(60)
            assert not resting.is_alive()
    finally:
        database.close()


@pytest.mark.skipif(os.name != "posix", reason="the log is made longer on POSIX only")
def test_commits_into_a_log_that_was_made_longer_leave_its_length(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.db", [FIRST])
    database.lengthen_log()
    before = (tmp_path / "s.db-wal").stat().st_size
    for number in range(20):
        with database.transaction() as connection:
            connection.execute("INSERT INTO part (digest) VALUES (?)", (str(number),))
    assert (tmp_path / "s.db-wal").stat().st_size == before
    database.close()


def test_a_log_that_was_made_longer_is_read_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    open_database(path, [FIRST]).close()
    killed = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.storage import open_database, Migration\n"
        f"database = open_database(Path(sys.argv[1]), [Migration(number=1, sql={FIRST.sql!r})])\n"
        "for digest in 'abc':\n"
        "    with database.transaction() as connection:\n"
        "        connection.execute('INSERT INTO part (digest) VALUES (?)', (digest,))\n"
        "    database.lengthen_log()\n"
        "os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(path)], check=False, timeout=60)
    assert done.returncode == 9
    database = open_database(path, [FIRST])
    assert [row["digest"] for row in database.rows("SELECT digest FROM part ORDER BY id")] == ["a", "b", "c"]
    assert database.row("PRAGMA integrity_check")[0] == "ok"  # type: ignore[index]
    database.close()


@pytest.mark.skipif(os.name != "posix", reason="the log is made longer on POSIX only")
def test_a_log_is_not_made_longer_without_end(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.db", [FIRST])
    for _time in range(20):
        database.lengthen_log()
    assert (tmp_path / "s.db-wal").stat().st_size < 6 * 1024 * 1024
    database.close()


def test_a_log_that_cannot_be_made_longer_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(tmp_path / "s.db", [FIRST])

    def full(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full, raising=False)
    database.lengthen_log()
    with database.transaction() as connection:
        connection.execute("INSERT INTO part (digest) VALUES ('a')")
    assert [row["digest"] for row in database.rows("SELECT digest FROM part")] == ["a"]
    database.close()
