"""The shape of the house, as far as a machine can see it."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("app", "agent", "ui")
SOURCES = sorted(path for name in PROGRAMS for path in (ROOT / name).rglob("*.py"))
CORE = sorted(
    path for path in (ROOT / "app" / "masking" / "native").rglob("*") if path.suffix in {".c", ".h"}
)
NOT_OURS = {"node_modules", "__pycache__", "build", "dist", "demo-data"}
TEXT = {".py", ".md", ".toml", ".sql", ".json", ".sh", ".ps1"}


def _own_text() -> Iterator[Path]:
    """Looks into no folder that is not ours: they are large, and others work in them meanwhile."""
    for folder, inside, names in os.walk(ROOT):
        inside[:] = [name for name in inside if name not in NOT_OURS and not name.startswith(".")]
        yield from (Path(folder, name) for name in names if Path(name).suffix in TEXT)


OWN_TEXT = sorted(_own_text())


def _makers(name: str) -> list[Path]:
    """The files that call this name."""
    texts = ((path, path.read_text(encoding="utf-8")) for path in SOURCES)
    return [path for path, text in texts if name in text and name in _calls(text)]


def _calls(text: str) -> set[str]:
    tree = ast.walk(ast.parse(text))
    return {ast.unparse(node.func) for node in tree if isinstance(node, ast.Call)}


def test_packaging_never_shadows_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("path", [*SOURCES, *CORE], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_is_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_names_are_the_fields_own_words() -> None:
    words = re.compile(r"(^|_)(utils?|helpers?|manager|base|misc|common)(_|$)")
    assert [str(p.relative_to(ROOT)) for p in SOURCES if words.search(p.stem)] == []


def test_only_the_bundle_room_seals_a_bundle() -> None:
    makers = _makers("SealedBundle")
    assert makers
    assert [p for p in makers if not p.is_relative_to(ROOT / "app" / "bundle")] == []


def test_only_the_masking_room_says_that_a_file_was_masked() -> None:
    makers = _makers("MaskedFile")
    assert makers
    assert [p for p in makers if not p.is_relative_to(ROOT / "app" / "masking")] == []


@pytest.mark.parametrize(
    "forbidden",
    [r"verify\s*=\s*False", r"AutoAddPolicy", r"CERT_NONE", r"check_hostname\s*=\s*False", r"pickle\."],
)
def test_trust_is_never_switched_off(forbidden: str) -> None:
    found = [str(p.relative_to(ROOT)) for p in SOURCES if re.search(forbidden, p.read_text(encoding="utf-8"))]
    first_use = "app/transfer/network/pinning.py"
    allowed = {
        r"check_hostname\s*=\s*False": {"app/agentlink/client.py", "app/agentlink/pinning.py", first_use},
        "CERT_NONE": {first_use},
    }
    assert set(found) - allowed.get(forbidden, set()) == set()


def test_nothing_in_the_desktop_waits_on_the_gui_thread() -> None:
    for path in (p for p in SOURCES if p.is_relative_to(ROOT / "ui")):
        text = path.read_text(encoding="utf-8")
        waits = any(word in text for word in ("processEvents", "QEventLoop", "exec"))
        calls = _calls(text) if waits else set()
        nested = {c for c in calls if c.endswith((".processEvents", "QEventLoop"))}
        assert not nested, f"{path}: {nested}"
        modal = {c for c in calls if c.endswith(".exec") and not c.endswith(("app.exec", "application.exec"))}
        assert not modal, f"{path}: {modal}"


def test_there_is_one_way_off_the_gui_thread() -> None:
    ways = re.compile(r"\b(QThread|QRunnable|threading\.Thread|ThreadPoolExecutor)\b")
    elsewhere = [
        str(p.relative_to(ROOT))
        for p in SOURCES
        if p.is_relative_to(ROOT / "ui")
        and not p.is_relative_to(ROOT / "ui" / "tasks")
        and ways.search(p.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []


def test_the_locks_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert not re.search(r"https?://|index-url|find-links", (ROOT / name).read_text(encoding="utf-8"))


def test_the_repository_stands_without_its_neighbours() -> None:
    neighbour = "../" + "shared"
    work = "/work/" + "shared"
    assert [
        str(p.relative_to(ROOT))
        for p in OWN_TEXT
        if neighbour in (text := p.read_text(encoding="utf-8")) or work in text
    ] == []


def test_every_room_has_a_face() -> None:
    folders = {p.parent for p in SOURCES}
    assert [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()] == []
