"""The parts of `./dev test` and the lanes of the gate are all tests, each once."""

from __future__ import annotations

import ast
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

import app

ROOT = Path(app.__file__).parent.parent
TESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py"))
DESKTOP = sorted((ROOT / "tests" / "ui").glob("test_*.py"))
NEW = tuple(
    Path(path)
    for path in (
        "tests/integration/test_new.py",
        "tests/integration/test_agent_new.py",
        "tests/integration/new_test.py",
        "tests/integration/new/test_new.py",
        "tests/integration/test_agent_new/test_new.py",
        "tests/faults/new/test_new.py",
        "tests/unit/new/test_new.py",
        "tests/new/test_new.py",
        "tests/test_new.py",
    )
)


@pytest.fixture(scope="module")
def dev() -> ModuleType:
    loader = SourceFileLoader("dev", str(ROOT / "dev"))
    spec = spec_from_loader("dev", loader)
    assert spec is not None
    made = module_from_spec(spec)
    loader.exec_module(made)
    return made


def _takes(arguments: list[str], path: Path) -> bool:
    """Whether pytest with these arguments reads this file."""
    places = [Path(word) for word in arguments if word.startswith("tests")]
    left_out = [Path(word.partition("=")[2]) for word in arguments if word.startswith("--ignore=")]
    return any(path.is_relative_to(place) for place in places) and not any(
        path.is_relative_to(place) for place in left_out
    )


def _parts(dev: ModuleType, path: Path) -> list[str]:
    lanes = [*dev.parts_of_the_long_lane(), ("a lane of its own", dev.LANES["platforms"])]
    parts = [*dev.parts_of_the_gate(), *lanes]
    return [name for name, arguments in parts if _takes(arguments, path)]


def test_every_file_of_tests_is_in_one_part_of_the_gate(dev: ModuleType) -> None:
    wrong = {str(path): parts for path in TESTS if len(parts := _parts(dev, path)) != 1}
    assert wrong == {}


def test_tests_of_the_gui_thread_run_alone_and_those_beside_them_with_the_others(dev: ModuleType) -> None:
    beside = dict(dev.parts_of_the_gate())["desktop"]
    wish = beside.index("-m")
    assert beside[wish + 1] == f"not {dev.ALONE[-1]}"
    assert [*dev.DESKTOP_PART, "-m", "gaps"] == dev.ALONE


@pytest.mark.parametrize("path", DESKTOP, ids=lambda path: path.name)
def test_what_measures_the_gui_thread_runs_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "pytestmark = pytest.mark.gaps" in text:
        return
    tests = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    measuring = [node for node in tests if node.name.startswith("test_") and "heart" in _names(node)]
    beside = [
        node.name for node in measuring if "pytest.mark.gaps" not in map(ast.unparse, node.decorator_list)
    ]
    assert beside == []


def _names(test: ast.FunctionDef) -> set[str]:
    """What its arguments and variables are called."""
    return {arg.arg for arg in test.args.args} | {n.id for n in ast.walk(test) if isinstance(n, ast.Name)}


def test_the_long_lane_names_files_that_are_there(dev: ModuleType) -> None:
    named = {Path(path) for paths in dev.LONG.values() for path in paths}
    assert named <= set(TESTS)


def test_what_ci_runs_is_every_lane(dev: ModuleType) -> None:
    gate = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert [line for line in gate if "./dev test" in line] == [
        "time ./dev test",
        "time ./dev test long",
        "time ./dev test platforms",
    ]


@pytest.mark.parametrize("path", NEW, ids=str)
def test_a_new_file_of_tests_is_in_one_part_of_the_gate(
    dev: ModuleType, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (*TESTS, path):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).touch()
    monkeypatch.setattr(dev, "ROOT", str(tmp_path))
    assert len(_parts(dev, path)) == 1
