"""The table of calls: every call has a row, a least role, and says which paths it takes."""

from __future__ import annotations

import dataclasses
import inspect
import typing

import pytest

from agent.api import METHODS, Desk, Service
from agent.api.tokens import Caller
from app.agentlink import Role

NOT_CALLED = {"roots", "refused"}  # the API itself asks for it


def answered(protocol: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_")}


def test_every_call_has_a_row_with_its_role() -> None:
    assert set(METHODS) == answered(Desk) | answered(Service) - NOT_CALLED


def test_a_row_says_who_answers() -> None:
    assert {name for name, method in METHODS.items() if method.service} == answered(Service) - NOT_CALLED


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_row_takes_what_the_answering_method_takes(name: str) -> None:
    method = METHODS[name]
    protocol = Service if method.service else Desk
    hints = typing.get_type_hints(getattr(protocol, name))
    assert hints.get("ask") == method.params


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_call_that_takes_paths_says_so(name: str) -> None:
    params = METHODS[name].params
    fields = [] if params is None else [each.name for each in dataclasses.fields(params)]
    assert any("path" in field or "folder" in field for field in fields) == (METHODS[name].paths is not None)


def test_what_changes_anything_is_not_for_viewers() -> None:
    looks = {name for name, method in METHODS.items() if method.role is Role.VIEWER}
    assert looks == {
        "status",
        "health",
        "jobs",
        "job",
        "quarantine",
        "limits",
        "lend",
        "find",
        "holds",
        "readiness",
        "coverage",
        "audit",
        "check_audit",
        "rules",
        "alarms",
        "alarm",
        "drafts",
        "draft",
        "requests",
    }


def test_the_agent_itself_is_for_administrators() -> None:
    admin = {name for name, method in METHODS.items() if method.role is Role.ADMIN}
    assert admin == {
        "restart",
        "reload",
        "configure",
        "watch_folder",
        "pair",
        "paired",
        "revoke",
        "trust_request_key",
    }


@pytest.mark.parametrize(
    ("has", "needs", "may"),
    [
        (Role.VIEWER, Role.VIEWER, True),
        (Role.VIEWER, Role.OPERATOR, False),
        (Role.OPERATOR, Role.VIEWER, True),
        (Role.OPERATOR, Role.ADMIN, False),
        (Role.ADMIN, Role.OPERATOR, True),
    ],
)
def test_a_role_includes_the_lower_ones(has: Role, needs: Role, may: bool) -> None:
    assert Caller("x", has).may(needs) is may
