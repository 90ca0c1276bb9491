"""The HTTP side: ``/v1/hello``, ``/v1/rpc`` and ``/v1/events``."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from agent.api.events import EventBoard
from agent.api.guard import BODY_LIMIT, refuse, too_large
from agent.api.methods import METHODS, Desk, read_params
from agent.api.tokens import Caller, Tokens
from agent.audit import acting
from app.agentlink import Hello, Role, defect_reply, reply_of
from app.domain.errors import CredentialsError, Defect, InputError, WorldError

_log = logging.getLogger(__name__)
_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Api:
    """What the application needs: who answers, who may ask, who does the work, what changed."""

    hello: Hello
    tokens: Tokens
    desk: Desk
    board: EventBoard
    port: int


class _Call(msgspec.Struct):
    method: str
    id: int | None = None
    params: Any = None


def application(api: Api) -> Starlette:
    """The ASGI application of one agent."""

    async def hello(request: Request) -> Response:
        refused = _refused(request, api.port)
        return refused if refused is not None else _json(200, api.hello)

    async def rpc(request: Request) -> Response:
        refused = _refused(request, api.port)
        if refused is not None:
            return refused
        number: int | None = None
        try:
            caller = _caller(request, api.tokens)
            call = _read_call(await _body(request))
            number = call.id
            return _json(200, {"id": number, "result": await _answer(api, call, caller)})
        except ClientDisconnect:
            return Response(status_code=400)
        except WorldError as error:
            return _error(error, number)
        except Defect as error:
            return _json(500, {"id": number, "error": defect_reply(error.reference)})

    async def events(request: Request) -> Response:
        refused = _refused(request, api.port)
        if refused is not None:
            return refused
        try:
            _caller(request, api.tokens)
            since = int(_number(request, "since", 0))
            seconds = min(_number(request, "timeout", 25.0), _LONGEST_WAIT)
        except WorldError as error:
            return _error(error, None)
        return _json(200, await api.board.wait(since, seconds=seconds))

    return Starlette(
        routes=[
            Route("/v1/hello", hello, methods=["GET"]),
            Route("/v1/rpc", rpc, methods=["POST"]),
            Route("/v1/events", events, methods=["GET"]),
        ]
    )


async def _answer(api: Api, call: _Call, caller: Caller) -> Any:
    method = METHODS.get(call.method)
    if method is None:
        raise InputError(
            "The call is not known",
            happened=f"This agent has no method {call.method[:40]!r}. It has: {', '.join(sorted(METHODS))}.",
            todo="Install the same version of the agent and of the program that calls it.",
            code="CF-1191",
        )
    if not caller.may(method.role):
        raise CredentialsError(
            "This token may not do that",
            happened=f"{call.method} needs the role {method.role}, the token has {caller.role}.",
            todo="Ask an administrator of this server.",
            code="CF-1393",
        )
    params = read_params(call.method, method, call.params)
    if method.role is not Role.VIEWER:
        _log.info("call %s by %s", call.method, caller.label)
    work = getattr(api.desk, call.method)
    try:
        with acting(caller.label):
            return await (run_in_threadpool(work) if params is None else run_in_threadpool(work, params))
    except (WorldError, Defect):
        raise
    except Exception as error:
        reference = secrets.token_hex(4)
        _log.exception("defect %s in %s", reference, call.method)
        raise Defect(reference) from error


def _read_call(body: bytes) -> _Call:
    try:
        return msgspec.json.decode(body, type=_Call)
    except msgspec.DecodeError as error:
        raise InputError(
            "The call is not understood",
            happened="The body is not an object with id, method and params.",
            todo="Install the same version of the agent and of the program that calls it.",
            code="CF-1192",
        ) from error


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > BODY_LIMIT:
            raise too_large()
    return bytes(found)


def _caller(request: Request, tokens: Tokens) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    caller = tokens.caller(token.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise CredentialsError(
            "The agent does not know this token",
            happened="The token is missing, or the agent has been restarted since it was read.",
            todo="Read the agent's endpoint file again.",
            code="CF-1392",
        )
    return caller


def _number(request: Request, name: str, default: float) -> float:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 2**53:
        raise InputError(
            "The call is not understood",
            happened=f"events: {name} must be a number from 0.",
            todo="Install the same version of the agent and of the program that calls it.",
            code="CF-1192",
        )
    return value


def _refused(request: Request, port: int) -> Response | None:
    error = refuse(verb=request.method, headers=request.headers, port=port)
    return None if error is None else _error(error, None)


def _error(error: WorldError, number: int | None) -> Response:
    status = 400
    if isinstance(error, CredentialsError):
        status = 401 if error.code == "CF-1392" else 403
    return _json(status, {"id": number, "error": reply_of(error)})


def _json(status: int, content: Any) -> Response:
    return Response(
        msgspec.json.encode(content),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
