"""The HTTP side: ``/v1/hello``, ``/v1/rpc``, ``/v1/events`` and ``/v1/pair``."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from agent.api.events import EventBoard
from agent.api.guard import BODY_LIMIT, refuse, refuse_outside, too_large, within
from agent.api.guests import note_known
from agent.api.methods import METHODS, Method, read_params
from agent.api.paired import PairedBook
from agent.api.pairing import Pairing
from agent.api.service import Service
from agent.api.standing import Standing
from agent.api.tokens import Caller, Tokens
from agent.audit import acting
from app.agentlink import (
    CONTRACT_HEADER,
    Hello,
    PairBegin,
    PairFinish,
    Role,
    defect_reply,
    reply_of,
)
from app.decoding import ready
from app.domain.errors import CredentialsError, Defect, InputError, RefusedError, WorldError
from app.domain.places import place_of

_log = logging.getLogger(__name__)
_LONGEST_WAIT = 60.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Api:
    """What the application needs: who answers, who may ask, who does the work, what changed."""

    hello: Hello
    tokens: Tokens
    book: PairedBook
    pairing: Pairing
    standing: Standing
    service: Service
    board: EventBoard


@dataclass(frozen=True, slots=True)
class Side:
    """Where requests come in.

    Attributes:
        hosts: ``host:port`` by which the agent may be called, lower case.
        remote: from other machines; then the address that was reached is a host, too, and only tokens of
            paired programs count.
    """

    hosts: frozenset[str]
    remote: bool = False


class _Call(msgspec.Struct):
    method: str
    id: int | None = None
    params: Any = None


Answer = Callable[[Request], Awaitable[Response]]


def application(api: Api, side: Side) -> Starlette:
    """The ASGI application of one agent, for one side."""

    async def hello(_request: Request) -> Response:
        return _json(200, api.hello)

    async def rpc(request: Request) -> Response:
        number: int | None = None
        try:
            caller = _caller(request, api, side)
            call = _read(await _body(request), _Call, "an object with id, method and params")
            number = call.id
            _refuse_old(call, contract=_contract(request), hello=api.hello)
            return _json(200, {"id": number, "result": await _answer(api, call, caller)})
        except WorldError as error:
            return _error(error, number)
        except Defect as error:
            return _json(500, {"id": number, "error": defect_reply(error.reference)})

    async def events(request: Request) -> Response:
        _caller(request, api, side)
        since = int(_number(request, "since", 0))
        seconds = min(_number(request, "timeout", 25.0), _LONGEST_WAIT)
        return _json(200, await api.board.wait(since, seconds=seconds))

    async def pair_begin(request: Request) -> Response:
        ask = _read(await _body(request), PairBegin, "an object with nonce")
        return _json(200, api.pairing.begin(ask))

    async def pair_finish(request: Request) -> Response:
        ask = _read(await _body(request), PairFinish, "an object with nonce, name and proof")
        done = await run_in_threadpool(api.pairing.finish, ask)
        _log.info("a program was paired, with the role %s", done.role)
        return _json(200, done)

    routes: list[tuple[str, str, Answer]] = [
        ("GET", "/v1/hello", hello),
        ("POST", "/v1/rpc", rpc),
        ("GET", "/v1/events", events),
        ("POST", "/v1/pair/begin", pair_begin),
        ("POST", "/v1/pair/finish", pair_finish),
    ]
    return Starlette(
        routes=[Route(path, _guarded(answer, side), methods=[verb]) for verb, path, answer in routes]
    )


def _guarded(answer: Answer, side: Side) -> Answer:
    """Refuses what must not be looked at; errors of the world have their form."""

    async def answered(request: Request) -> Response:
        refused = refuse(verb=request.method, headers=request.headers, hosts=_hosts(request, side))
        if refused is not None:
            return _error(refused, None)
        try:
            return await answer(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except WorldError as error:
            return _error(error, None)

    return answered


async def _answer(api: Api, call: _Call, caller: Caller) -> Any:
    method = METHODS.get(call.method)
    if method is None:
        raise InputError(
            "The call is not known",
            happened=f"This agent has no method {call.method[:40]!r}. It has: {', '.join(sorted(METHODS))}.",
            todo="Install the same version of the agent and of the program that calls it.",
            code="CF-1191",
        )
    _refuse_caller(call.method, method, caller)
    params = read_params(call.method, method, call.params)
    if method.role is not Role.VIEWER:
        _log.info("call %s by %s", call.method, caller.label)
    try:
        with acting(caller.label):
            return await run_in_threadpool(_work, api, call.method, params, caller)
    except (WorldError, Defect):
        raise
    except Exception as error:
        reference = secrets.token_hex(4)
        _log.exception("defect %s in %s", reference, call.method)
        raise Defect(reference) from error


def _work(api: Api, name: str, params: Any, caller: Caller) -> Any:
    """Carry out a call; in a thread of its own."""
    method = METHODS[name]
    given = () if params is None else (params,)
    if method.paths is None:
        return _carried_out(api, name, given)
    try:
        if caller.role is Role.ADMIN and not caller.paired:
            return _carried_out(api, name, given)
        roots = api.service.roots()
        refuse_outside(method.paths(params), roots)
        with within(roots):
            return _carried_out(api, name, given)
    except RefusedError as error:
        api.service.refused(name, error.code)
        raise


def _carried_out(api: Api, name: str, given: tuple[Any, ...]) -> Any:
    if METHODS[name].service:
        return getattr(api.service, name)(*given)
    with api.standing.lent() as desk:
        return getattr(desk, name)(*given)


def _refuse_caller(name: str, method: Method, caller: Caller) -> None:
    if not caller.may(method.role):
        raise CredentialsError(
            "This token may not do that",
            happened=f"{name} needs the role {method.role}, the token has {caller.role}.",
            todo="Ask an administrator of this server.",
            code="CF-1393",
        )
    if method.here and caller.paired:
        raise RefusedError(
            "That can be done on the agent's machine only",
            happened=f"{name} came from a paired program.",
            todo="Sign in to the agent's machine and use the command caseferry-agent there.",
            code="CF-1282",
        )


def _refuse_old(call: _Call, *, contract: int, hello: Hello) -> None:
    """Programs older than our oldest contract may see, drain and restart."""
    method = METHODS.get(call.method)
    if contract >= hello.contract_min or (method is not None and method.enduring):
        return
    enduring = sorted(name for name, each in METHODS.items() if each.enduring)
    raise InputError(
        "This program is too old for the agent",
        happened=f"It speaks contract {contract}, the agent {hello.contract_min} to {hello.contract_max}. "
        f"It can still use: {', '.join(enduring)}.",
        todo="Install the version of the program that belongs to the agent.",
        code="CF-1176",
    )


def _read(body: bytes, kind: type[T], expected: str) -> T:
    try:
        return msgspec.json.decode(body, type=ready(kind))
    except msgspec.DecodeError as error:
        raise InputError(
            "The call is not understood",
            happened=f"The body is not {expected}.",
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


def _caller(request: Request, api: Api, side: Side) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    caller: Caller | None = None
    if scheme.lower() == "bearer":
        of_here, of_others = api.tokens.caller(token.strip()), api.book.caller(token.strip())
        caller = of_others if side.remote else of_here or of_others
    if caller is None:
        raise CredentialsError(
            "The agent does not know this token",
            happened="The token is missing, was revoked, or the agent has been restarted since it was read.",
            todo="Read the agent's endpoint file again; pair a program on another machine anew.",
            code="CF-1392",
        )
    note_known(request.scope)
    return caller


def _contract(request: Request) -> int:
    text = request.headers.get(CONTRACT_HEADER, "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


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


def _hosts(request: Request, side: Side) -> frozenset[str]:
    reached = request.scope.get("server")
    if not side.remote or reached is None:
        return side.hosts
    host, port = reached
    return side.hosts | {place_of(host, port)}


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
