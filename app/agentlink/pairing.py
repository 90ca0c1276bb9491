"""Pairing a program on another machine with an agent: what is said, and how both prove the code.

A person reads the code and the certificate's fingerprint at the agent, compares the fingerprint at the other
machine, and types the code there. The code itself never travels. Each side proves that it knows it by an HMAC
over the fingerprint that it sees, so that someone between the two - who shows another certificate - can hand
on nothing that counts. The code has 40 bits and is stretched by scrypt: it cannot be found within its ten
minutes from what was overheard. The program proves first; the agent's proof covers the token it gives.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.agentlink.contract import Role
from app.domain.errors import InputError, TrustError

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
NONCE_BYTES = 16
_SCRYPT_N, _SCRYPT_R = 2**15, 8
_CODE = re.compile(rf"[{CODE_LETTERS}]{{{CODE_LENGTH}}}")
_NONCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class PairAsk:
    """``pair``: let one program on another machine in, within ten minutes, with this role."""

    role: Role = Role.OPERATOR


@dataclass(frozen=True, slots=True)
class PairingOpen:
    """The answer of ``pair``.

    Attributes:
        code: to be typed at the other machine; good once, until `expires`.
        certificate_sha256: to be compared there; lower-case hex.
        address: where the agent listens for other machines, ``host:port``.
    """

    code: str
    expires: datetime
    certificate_sha256: str
    address: str
    role: Role


@dataclass(frozen=True, slots=True)
class PairBegin:
    """``POST /v1/pair/begin``: 16 random bytes of the program, in hex."""

    nonce: str


@dataclass(frozen=True, slots=True)
class PairBegun:
    """The answer: 16 random bytes of the agent, in hex."""

    nonce: str


@dataclass(frozen=True, slots=True)
class PairFinish:
    """``POST /v1/pair/finish``.

    Attributes:
        nonce: of the agent, from `PairBegun`.
        name: of the program's machine, for people.
        proof: that the program knows the code.
    """

    nonce: str
    name: str
    proof: str


@dataclass(frozen=True, slots=True)
class PairFinished:
    """The answer: a token of its own for this program, and the agent's proof that it knows the code."""

    token: str
    role: Role
    instance: str
    proof: str


@dataclass(frozen=True, slots=True)
class PairedProgram:
    """A program on another machine that may call."""

    id: str
    name: str
    role: Role
    paired: datetime


@dataclass(frozen=True, slots=True)
class PairedPrograms:
    """The answer of ``paired`` and ``revoke``.

    Attributes:
        address: where the agent would listen for other machines; empty when it is not configured.
        listening: whether it does; it does while a pairing is open or a program is paired.
        problem: why it cannot; empty otherwise.
    """

    programs: list[PairedProgram] = field(default_factory=list)
    address: str = ""
    listening: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PairedRef:
    """Names a paired program, for ``revoke``."""

    id: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What both sides of one pairing have seen; it differs as soon as someone stands between them."""

    certificate_sha256: str
    program_nonce: str
    agent_nonce: str


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """A code of 40 random bits."""
    return "".join(choose(CODE_LETTERS) for _ in range(CODE_LENGTH))


def shown_code(code: str) -> str:
    """The code as people read it: two groups of four."""
    return f"{code[:4]}-{code[4:]}"


def read_code(text: str) -> str:
    """The code that a person typed; lower case, spaces, dashes and the letters O, I and L do no harm.

    Raises:
        InputError: it cannot be a code (CF-1186).
    """
    code = re.sub(r"[\s-]", "", text).upper().replace("O", "0").replace("I", "1").replace("L", "1")
    if not _CODE.fullmatch(code):
        raise InputError(
            "This is no pairing code",
            happened=f"A code has {CODE_LENGTH} letters and digits, such as 7KQ2-M9XD.",
            todo="Type it as caseferry-agent pair shows it.",
            code="CF-1186",
        )
    return code


def is_nonce(text: str) -> bool:
    """Whether it is 16 bytes in lower-case hex."""
    return _NONCE.fullmatch(text) is not None


def stretched(code: str, seen: Transcript) -> bytes:
    """The key that both sides make of the code; takes about a tenth of a second and 32 MiB."""
    salt = _sealed("caseferry pairing 1", seen.program_nonce, seen.agent_nonce)
    return hashlib.scrypt(
        code.encode("ascii"), salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=1, maxmem=64 * 2**20, dklen=32
    )


def program_proof(key: bytes, seen: Transcript, *, name: str) -> str:
    """What the program sends to prove that it knows the code."""
    return _proof(key, "program", seen, name)


def agent_proof(key: bytes, seen: Transcript, *, token: str, role: Role) -> str:
    """What the agent answers to prove that it knows the code, and that the token is its own."""
    return _proof(key, "agent", seen, token, role.value)


def check_agent(finished: PairFinished, key: bytes, seen: Transcript) -> None:
    """Whether the token was given by the agent whose code the person typed.

    Raises:
        TrustError: it was not (CF-1480).
    """
    expected = agent_proof(key, seen, token=finished.token, role=finished.role)
    if not hmac.compare_digest(expected.encode(), finished.proof.encode("utf-8", "replace")):
        raise TrustError(
            "The agent could not prove itself",
            happened="Whoever answers does not know the pairing code. Nothing was kept.",
            todo="Compare the fingerprint with the one that caseferry-agent pair shows, then pair again.",
            code="CF-1480",
        )


def _proof(key: bytes, side: str, seen: Transcript, *said: str) -> str:
    content = _sealed(side, seen.certificate_sha256, seen.program_nonce, seen.agent_nonce, *said)
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _sealed(*parts: str) -> bytes:
    """Parts one behind the other, each with its length, so that no two lists look the same."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
