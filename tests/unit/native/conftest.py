"""The core's shapes, compiled once."""

from __future__ import annotations

import pytest

from tests.peers import core_detect, core_figures, core_shapes


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> core_shapes.Shapes:
    return core_shapes.Shapes(core_shapes.build(tmp_path_factory.mktemp("core")))


@pytest.fixture(scope="session")
def figures(tmp_path_factory: pytest.TempPathFactory) -> core_figures.Figures:
    return core_figures.Figures(core_figures.build(tmp_path_factory.mktemp("core")))


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> core_detect.Core:
    return core_detect.open_core(tmp_path_factory.mktemp("core"))
