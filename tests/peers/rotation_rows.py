"""The rows of the matrix of rotation: what a site does with its logs, each a function of a `RotatingSite`."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from tests.peers.rotating_site import RotatingSite


def append(site: RotatingSite) -> None:
    for _ in range(4):
        site.write(count=30)
        site.pause()


def partial_line(site: RotatingSite) -> None:
    """A line is written in two halves, with a look and a kill between them."""
    site.write()
    (line,) = site.lines(1)
    with site.path().open("ab") as stream:
        stream.write(line[:20].encode())
    site.pause()
    site.restart()
    site.pause()
    with site.path().open("ab") as stream:
        stream.write(f"{line[20:]}\n".encode())
    site.must.append(line)
    site.write()


def rename(site: RotatingSite) -> None:
    for _ in range(4):
        site.write()
        site.pause()
        site.write()
        site.shift()
        site.write(count=5)


def rename_without_a_pause(site: RotatingSite) -> None:
    site.write()
    site.pause()
    for _ in range(6):
        site.write(count=20)
        site.shift()
    site.write(count=5)


def rename_keep_two(site: RotatingSite) -> None:
    for _ in range(6):
        site.write()
        site.pause()
        site.shift(keep=2)
        site.write(count=5)


def rename_out_of_the_pattern(site: RotatingSite) -> None:
    for number in range(4):
        site.write()
        site.pause()
        site.write(count=10)
        site.must += site._unseen.pop("a.log")  # its handle is open: it is read to the end
        away = site.folder.with_name("away")
        away.mkdir(exist_ok=True)
        site.path().rename(away / f"{number}.log")
        site.write(count=5)


def late_lines(site: RotatingSite) -> None:
    """The writer keeps the renamed file open, and goes on writing into it."""
    site.write()
    site.pause()
    site.shift()
    site.pause()
    site.write("a.log.1", 10)
    site.write(count=10)
    site.pause()
    site.write("a.log.1", 10)


def copytruncate(site: RotatingSite) -> None:
    for _ in range(4):
        site.write()
        site.pause()
        site.write(count=20)
        site.copytruncate()
        site.write(count=5)
        site.pause()


def copytruncate_seen_half_way(site: RotatingSite) -> None:
    """The copy is looked at while it is made, and again before its source is cut."""
    site.write(count=300)
    site.pause()
    whole = site.path().read_bytes()
    site.path("a.log.1").write_bytes(whole[: len(whole) // 3])
    site.pause()
    site.path("a.log.1").write_bytes(whole)
    site.pause()
    site.cut(kept=True)
    site.write(count=400)


def copytruncate_out_of_the_pattern(site: RotatingSite) -> None:
    for _ in range(4):
        site.write()
        site.pause()
        shutil.copyfile(site.path(), site.folder.with_name("away.bak"))
        site.cut()
        site.write(count=5)
        site.pause()


def cut_and_regrown(site: RotatingSite) -> None:
    """Cut in place and longer again before the next look: only the marker tells."""
    for _ in range(4):
        site.write(count=10)
        site.pause()
        site.cut()
        site.write(count=80)


def cut_short(site: RotatingSite) -> None:
    site.write(count=200)
    site.pause()
    site.cut()
    site.write(count=3)
    site.pause()
    site.cut()
    site.pause()
    site.write(count=2)


def delete_and_recreate(site: RotatingSite) -> None:
    """The file system gives the same inode again."""
    for _ in range(5):
        site.write(count=20)
        site.pause()
        site.delete("a.log")
        site.write(count=30)


def pack_after_rename(site: RotatingSite) -> None:
    for _ in range(3):
        site.write()
        site.pause()
        for number in (3, 2, 1):
            if site.path(f"a.log.{number}.gz").exists():
                site.rename(f"a.log.{number}.gz", f"a.log.{number + 1}.gz")
        site.rename("a.log", "a.log.1")
        site.write(count=5)
        site.pause()
        site.pack("a.log.1")
        site.pause()


def same_first_lines(site: RotatingSite) -> None:
    """Two applications whose segments begin with the same long header."""
    header = "".join(f"header line {row}\n" for row in range(400)).encode()
    for name in ("a.log", "b.log"):
        site.path(name).write_bytes(header)
        site.write(name, 20)
    site.pause()
    for name in ("a.log", "b.log"):
        site.write(name, 20)
    site.rename("a.log", "a.log.1")
    site.path("a.log").write_bytes(header)
    site.write("a.log", 30)
    site.pause()


def swapped_names(site: RotatingSite) -> None:
    for name in ("a.log", "b.log"):
        site.write(name)
    site.pause()
    site.rename("a.log", "c.log")
    site.rename("b.log", "a.log")
    site.rename("c.log", "b.log")
    for name in ("a.log", "b.log"):
        site.write(name)


def moved_between_folders(site: RotatingSite) -> None:
    site.write("live/a.log")
    site.pause()
    site.rename("live/a.log", "old/a.log.1")
    site.write("live/a.log")
    site.pause()
    site.path("live").rename(site.path("other"))
    if "live/a.log" in site._unseen:
        site._unseen["other/a.log"] = site._unseen.pop("live/a.log")
    site.write("other/a.log")


def rotated_while_off(site: RotatingSite) -> None:
    site.write()
    site.pause()

    def off() -> None:
        site.write()
        site.shift()
        site.write()
        site.shift()
        site.write()

    site.restart(off)


def copytruncated_while_off(site: RotatingSite) -> None:
    site.write()
    site.pause()

    def off() -> None:
        site.write()
        site.copytruncate()
        site.write(count=5)

    site.restart(off)


def cut_while_off(site: RotatingSite) -> None:
    site.write(count=100)
    site.pause()

    def off() -> None:
        site.cut()
        site.write(count=10)

    site.restart(off)
    site.pause()
    site.restart(lambda: None)
    site.write(count=200)


def killed_again_and_again(site: RotatingSite) -> None:
    for _ in range(5):
        site.write(count=40)
        site.restart()
        site.pause()
        site.shift()
        site.write(count=10)
        site.restart()


def strange_bytes(site: RotatingSite) -> None:
    """NUL, CR LF, empty lines, invalid text, and a name with other letters."""
    name = "größe/сип.log"
    site.write(name)
    with site.path(name).open("ab") as stream:
        stream.write(b"\r\n\n\x00\x00\xff\xfe \xe9\r\n")
    site.write(name)
    site.pause()
    site.shift(name=name)
    site.write(name)


def copytruncate_by_a_writer_that_keeps_its_place(site: RotatingSite) -> None:
    """The writer does not append: after the cut it goes on where it was, behind a hole of zeros."""
    for _ in range(3):
        site.write()
        place = site.path().stat().st_size
        site.pause()
        site.copytruncate()
        lines = site.lines(20)
        with site.path().open("r+b") as stream:
            stream.seek(place)
            stream.write("".join(f"{line}\n" for line in lines).encode())
        site._unseen.setdefault("a.log", []).extend(lines)
        site.pause()
        site.copytruncate()


def replaced_by_the_same_bytes(site: RotatingSite) -> None:
    """A backup or a share puts the same bytes there again, as another file."""
    for _ in range(3):
        site.write()
        site.pause()
        site.shift()
        site.write()
        site.pause()
        for name in ("a.log.1", "a.log"):
            site.copy(name, "copy.tmp")
            site.path("copy.tmp").replace(site.path(name))
        site.pause()
        site.write(count=10)


def long_lines(site: RotatingSite) -> None:
    """Lines that are longer than any block."""
    for size in (70_000, 1 << 20, 3_000_001):
        (line,) = site.lines(1)
        long = line + "y" * size
        with site.path().open("ab") as stream:
            stream.write(f"{long}\n".encode())
        site._unseen.setdefault("a.log", []).append(long)
        site.pause()
        site.write()
        site.shift()
        site.pause()


def encodings_side_by_side(site: RotatingSite) -> None:
    """UTF-16 and an 8-bit encoding in one folder."""
    for encoding, name in (("utf-16", "wide.log"), ("cp1252", "eight.log"), ("utf-8-sig", "mark.log")):
        lines = [f"{line} größe €" for line in site.lines(40)]
        site.path(name).write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
        site._unseen.setdefault(name, []).extend(lines)
    site.pause()


def folders_that_come_and_go(site: RotatingSite) -> None:
    """A folder that is renamed, one that is there for a moment, one whose name becomes that of a file."""
    site.write("one/deep/a.log")
    site.pause()
    site.shift(name="one/deep/a.log")
    site.path("one").rename(site.path("two"))
    for _ in range(3):
        site.path("moment/deep").mkdir(parents=True)
        shutil.rmtree(site.path("moment"))
    site.pause()
    site.path("two").rename(site.path("three"))
    site.write("two")
    site.pause()
    site.rename("two", "two.1")
    site.pause()
    site.write("two/deep/a.log")
    site.pause()


def no_line_feed_at_the_end(site: RotatingSite) -> None:
    """The last line of a segment is without its end when the segment is rotated."""
    for _ in range(3):
        site.write()
        (line,) = site.lines(1)
        with site.path().open("ab") as stream:
            stream.write(line.encode())
        site._unseen.setdefault("a.log", []).append(line)
        site.pause()
        site.shift()
        site.write(count=5)


def empty_lines_only(site: RotatingSite) -> None:
    for ends in (b"\n", b"\r\n", b"\n\n"):
        with site.path().open("ab") as stream:
            stream.write(ends * 500)
        site.pause()
        site.shift()
        site.write(count=5)
        site.pause()
        with site.path().open("ab") as stream:
            stream.write(ends * 500)
        site.write(count=5)


def a_link_that_follows_the_live_log(site: RotatingSite) -> None:
    """``current.log`` is put onto each new segment."""
    link = site.path("current.log")
    for day in range(1, 5):
        name = f"sips.2023060{day}.log"
        site.write(name)
        link.unlink(missing_ok=True)
        link.symlink_to(site.path(name))
        site.pause()
        site.write(name, 10)
    link.unlink()


def put_in_place_as_a_whole(site: RotatingSite) -> None:
    """Written beside, then renamed over the log: another content under the same name."""
    for _ in range(4):
        site.write()
        site.pause()
        lines = site.lines(40)
        site.path("a.tmp").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        site.path("a.tmp").replace(site.path())
        site._unseen["a.log"] = lines
        site.pause()


def a_beginning_that_grows(site: RotatingSite) -> None:
    """Logs that are alike at first become different line by line, and change names meanwhile."""
    names = ("a.log", "b.log", "c.log")
    for name in names:
        site.path(name).write_bytes(b"the same header\n")
    site.pause()
    for _ in range(5):
        for name in names:
            site.write(name, 1)
        site.pause()
    site.rename("a.log", "a.log.1")
    site.rename("b.log", "a.log")
    site.write("a.log", 3)
    site.pause()


def other_letters_of_the_same_name(site: RotatingSite) -> None:
    for day in range(3):
        site.write()
        site.pause()
        site.rename("a.log", "A.LOG.1")
        site.write()
        site.pause()
        site.rename("A.LOG.1", f"A.{day}.log")


def the_watched_folder_comes_and_goes(site: RotatingSite) -> None:
    for _ in range(3):
        site.write()
        site.pause()
        shutil.rmtree(site.folder)
        site.pause()
        site.folder.mkdir()
        site.write(count=20)
        site.pause()


def many_logs(site: RotatingSite) -> None:
    for number in range(150):
        site.write(f"d{number % 15}/s{number}.log", 2)
    site.pause()
    for number in range(0, 150, 2):
        site.shift(name=f"d{number % 15}/s{number}.log")
        site.write(f"d{number % 15}/s{number}.log", 2)
    site.pause()


ROWS: dict[str, Callable[[RotatingSite], None]] = {
    function.__name__: function
    for function in (
        append,
        partial_line,
        rename,
        rename_without_a_pause,
        rename_keep_two,
        rename_out_of_the_pattern,
        late_lines,
        copytruncate,
        copytruncate_seen_half_way,
        copytruncate_out_of_the_pattern,
        cut_and_regrown,
        cut_short,
        delete_and_recreate,
        pack_after_rename,
        same_first_lines,
        swapped_names,
        moved_between_folders,
        rotated_while_off,
        copytruncated_while_off,
        cut_while_off,
        killed_again_and_again,
        strange_bytes,
        copytruncate_by_a_writer_that_keeps_its_place,
        replaced_by_the_same_bytes,
        long_lines,
        encodings_side_by_side,
        folders_that_come_and_go,
        no_line_feed_at_the_end,
        empty_lines_only,
        a_link_that_follows_the_live_log,
        put_in_place_as_a_whole,
        a_beginning_that_grows,
        other_letters_of_the_same_name,
        the_watched_folder_comes_and_goes,
        many_logs,
    )
}
