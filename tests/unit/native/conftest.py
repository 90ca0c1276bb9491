"""The core's shapes, compiled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers import core_detect, core_figures, core_shapes


@pytest.fixture(scope="session")
def figures_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return core_shapes.build(tmp_path_factory.mktemp("core"))


@pytest.fixture(scope="session")
def shapes(figures_library: Path) -> core_shapes.Shapes:
    return core_shapes.Shapes(figures_library)


@pytest.fixture(scope="session")
def figures(figures_library: Path) -> core_figures.Figures:
    return core_figures.Figures(figures_library)


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> core_detect.Core:
    return core_detect.open_core(tmp_path_factory.mktemp("core"))
