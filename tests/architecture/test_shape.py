"""The shape of the house, as far as a machine can see it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("app", "agent", "ui")
SOURCES = sorted(path for name in PROGRAMS for path in (ROOT / name).rglob("*.py"))
OWN_TEXT = sorted(
    path
    for pattern in ("*.py", "*.md", "*.toml", "*.sql", "*.json", "*.sh", "*.ps1")
    for path in ROOT.rglob(pattern)
    if not {".venv", "node_modules", ".git", ".hypothesis", ".mypy_cache", ".ruff_cache"}
    & set(path.relative_to(ROOT).parts)
)


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_packaging_never_shadows_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_is_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_names_are_the_fields_own_words() -> None:
    words = re.compile(r"(^|_)(utils?|helpers?|manager|base|misc|common)(_|$)")
    assert [str(p.relative_to(ROOT)) for p in SOURCES if words.search(p.stem)] == []


def test_only_the_bundle_room_seals_a_bundle() -> None:
    makers = [p for p in SOURCES if "SealedBundle" in _calls(p)]
    assert [p for p in makers if not p.is_relative_to(ROOT / "app" / "bundle")] == []


def test_only_the_masking_room_says_that_a_file_was_masked() -> None:
    makers = [p for p in SOURCES if "MaskedFile" in _calls(p)]
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
        calls = set(_calls(path))
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
