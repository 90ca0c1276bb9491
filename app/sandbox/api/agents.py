"""Agents: a credential per server, revocable."""

from __future__ import annotations

from sqlite3 import Connection
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.domain.access import Action
from app.portal.contract import AgentCredential, EventKind, NewAgentCredential, Page
from app.sandbox.api.answers import answer
from app.sandbox.api.creation import KEY_HEADER, Created, create_once
from app.sandbox.callers import Caller, digest_of, person, require
from app.sandbox.changes import publish
from app.sandbox.oauth.tokens import random_text
from app.sandbox.problems import not_found
from app.sandbox.site import site_of
from app.sandbox.store.credentials import AgentRow, agent_by_id, agents_of, insert_agent, revoke_agent

router = APIRouter(tags=["agents"])


class AgentWish(BaseModel):
    """`NewAgent` as it is checked at the border."""

    model_config = ConfigDict(extra="forbid")
    account: str = Field(min_length=1, max_length=64)
    server: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")


@router.get("/agents", response_model=Page[AgentCredential])
def agents(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    account: Annotated[str, Query(min_length=1, max_length=64)],
) -> Response:
    """The agents of a combination, newest first, with the revoked ones."""
    require(caller, account, Action.MANAGE_AGENTS, what="account")
    found = agents_of(site_of(request).database, account)
    return answer(request, Page(items=found, next_cursor=None, total=len(found)))


@router.post("/agents", response_model=NewAgentCredential, status_code=201)
def register_agent(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    body: Annotated[AgentWish, Body()],
    key: KEY_HEADER = None,
) -> Response:
    """Register an agent. The secret is in this answer and nowhere else."""
    require(caller, body.account, Action.MANAGE_AGENTS, what="account")
    site = site_of(request)

    def effect(connection: Connection) -> Created:
        now = site.clock()
        credential = AgentCredential(
            id=f"ag-{site.token(8).hex()}", account=body.account, server=body.server.strip(), created=now
        )
        secret = random_text(site, 32)
        insert_agent(
            connection,
            AgentRow(credential=credential, secret_sha256=digest_of(secret)),
            created_by=caller.id,
        )
        publish(
            connection,
            EventKind.AGENT_CHANGED,
            account=body.account,
            subject=credential.id,
            now=now,
            keep=site.kept_events,
        )
        return Created(
            NewAgentCredential(credential=credential, client_id=credential.id, client_secret=secret)
        )

    return create_once(site, caller, key=key, call=("agents", [body.account, body.server]), effect=effect)


@router.delete("/agents/{agent_id}", status_code=204, response_class=Response)
def end_agent(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    agent_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")],
) -> Response:
    """Revoke an agent: its secret and its tokens end at once. A second call changes nothing."""
    site = site_of(request)
    found = agent_by_id(site.database, agent_id)
    if found is None:
        raise not_found("agent")
    require(caller, found.credential.account, Action.MANAGE_AGENTS, what="agent")
    if found.credential.revoked is None:
        now = site.clock()
        with site.database.transaction() as connection:
            revoke_agent(connection, agent_id, now=now)
            publish(
                connection,
                EventKind.AGENT_CHANGED,
                account=found.credential.account,
                subject=agent_id,
                now=now,
                keep=site.kept_events,
            )
    return Response(status_code=204)
