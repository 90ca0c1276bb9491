"""Every error code in the code stands in docs/errors.md exactly once, with the title people see."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import app

ROOT = Path(app.__file__).parent.parent
CODE = re.compile(r"\ACF-\d{4}\Z")
ROW = re.compile(r"^\| (CF-\d{4}) \| (.*?) \| (.*?) \|$", re.MULTILINE)
_TOLD = (ast.Call, ast.Constant)
NO_ERROR = {"CF-0000"}  # agentlink: what a reply carries when it is a defect of ours


@cache
def calls_and_texts() -> tuple[tuple[Path, tuple[ast.AST, ...]], ...]:
    """Calls and constants of each file that names a code, read once."""
    paths = (path for program in ("app", "agent", "ui") for path in sorted((ROOT / program).rglob("*.py")))
    texts = ((path, path.read_text(encoding="utf-8")) for path in paths)
    return tuple(
        (path, tuple(node for node in ast.walk(ast.parse(text)) if isinstance(node, _TOLD)))
        for path, text in texts
        if "CF-" in text
    )


def room_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).parts[:2]).removesuffix(".py")


def used() -> dict[str, set[str]]:
    """Each code with the rooms that name it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, nodes in calls_and_texts():
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value):
                found[node.value].add(room_of(path))
    return {code: rooms for code, rooms in found.items() if code not in NO_ERROR}


def raised() -> dict[str, set[str]]:
    """Each code with the literal titles of the errors that are made with it."""
    titles: dict[str, set[str]] = defaultdict(set)
    for _path, nodes in calls_and_texts():
        for node in nodes:
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = {each.arg: each.value for each in node.keywords}
            code, title = given.get("code"), given.get("title", node.args[0] if node.args else None)
            if not name.endswith(("Error", "ErrorReply")) or not isinstance(code, ast.Constant):
                continue
            if title is not None and CODE.match(str(code.value)):
                titles[str(code.value)] |= set(_literals(title))
    return titles


def _literals(title: ast.expr) -> Iterator[str]:
    """A literal title, both of a choice, and the one behind ``portal's title or``."""
    if isinstance(title, ast.Constant) and isinstance(title.value, str):
        yield title.value
    elif isinstance(title, ast.IfExp):
        yield from _literals(title.body)
        yield from _literals(title.orelse)
    elif isinstance(title, ast.BoolOp):
        for value in title.values:
            yield from _literals(value)


def documented() -> list[tuple[str, str, str]]:
    return ROW.findall((ROOT / "docs" / "errors.md").read_text(encoding="utf-8"))


def test_every_code_is_documented_exactly_once():
    rows = Counter(code for code, _title, _room in documented())
    missing = sorted(set(used()) - set(rows))
    doubled = sorted(code for code, count in rows.items() if count > 1)
    gone = sorted(set(rows) - set(used()))
    assert (missing, doubled, gone) == ([], [], []), "missing, doubled and no longer used in docs/errors.md"


def test_every_title_stands_beside_its_code():
    described = {code: title for code, title, _room in documented()}
    wrong = [
        f"{code}: {title}"
        for code, titles in sorted(raised().items())
        for title in sorted(titles)
        if title not in described.get(code, "").split(" / ")
    ]
    assert wrong == [], "titles that docs/errors.md does not have beside the code"


def test_a_code_belongs_to_one_place():
    """Two rooms never give one code two meanings: with several rooms there is one title only."""
    titles = raised()
    rooms: dict[str, set[str]] = defaultdict(set)
    for path, nodes in calls_and_texts():
        for node in nodes:
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            code = next((each.value for each in node.keywords if each.arg == "code"), None)
            if name.endswith("Error") and isinstance(code, ast.Constant):
                rooms[str(code.value)].add(room_of(path))
    shared = {code: sorted(titles[code]) for code in rooms if len(rooms[code]) > 1 and len(titles[code]) > 1}
    assert shared == {}, "codes that mean different things in different rooms"
