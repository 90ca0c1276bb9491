"""What every masking engine offers, and the one type that says *this was masked*."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol


class Kind(StrEnum):
    """Kinds of personal value. The token shows the kind: ``<TEL:88b1e4…>``."""

    TEL = "TEL"
    NAME = "NAME"
    MAIL = "MAIL"
    CARD = "CARD"
    IBAN = "IBAN"
    IP = "IP"
    MAC = "MAC"
    HOST = "HOST"
    DTMF = "DTMF"
    USER = "USER"
    SECRET = "SECRET"
    ID = "ID"
    ADDRESS = "ADDRESS"
    BIRTH = "BIRTH"
    GEO = "GEO"
    KEYED = "KEYED"
    CUSTOM = "CUSTOM"


@dataclass(frozen=True, slots=True)
class Replacement:
    """One value that was replaced in a line. Columns count characters from 0."""

    kind: Kind
    rule: str
    before: str
    after: str
    before_column: int
    after_column: int


@dataclass(frozen=True, slots=True)
class MaskedLine:
    """One line before and after, for the review on the customer's own machine."""

    number: int
    before: str
    after: str
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class PackedCopy:
    """How a masked copy lies on the disk as a row of deflated pieces, with an index behind them.

    Attributes:
        by: library and level that packed it, `app.deflate.Deflate.name`.
        piece: bytes of masked text in every piece but the last, which may be shorter.
        size, sha256: of the pieces, one behind the other: one deflate stream.
        crc: CRC-32 of the masked text.
        index_sha256: of the index.
    """

    by: str
    piece: int
    size: int
    sha256: str
    crc: int
    index_sha256: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What masking did to one file; no personal value in it.

    Attributes:
        counts: values replaced, by kind.
        rules: values replaced, by rule id.
        lines: the same before and after.
        undecodable: bytes that are not valid in the encoding; they pass unchanged and were scanned as bytes.
        learned: values found by their key that were also masked wherever they recur without it; of a file
            that was masked with others those that it told first.
        not_learned: values past the bound of what is remembered; masked where they were found, and past the
            bound of one file there only.
        kept: values that were found and stay readable, since the policy of their kind says so.
        residual_read: bytes of the masked copy that the residual check read; None when it was not checked.
        canaries: known values of the site that the check looked for.
        packing: ``gzip`` or ``zip`` when the file is an archive that was masked inside; sizes and digest are
            then those of the archives, everything else sums up its members.
        members: what was masked in the archive, in its order.
        left_out: what is not in the masked archive.
        start, header: of a log whose beginning was sent before: what is in the copy is the first `header`
            bytes of it and those from byte `start` on. Counts are those of the whole log.
        packed: how the copy lies on the disk when it is packed; sizes and digest are those of its text.
    """

    encoding: str
    lines: int
    raw_size: int
    masked_size: int
    masked_sha256: str
    counts: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)
    undecodable: int = 0
    learned: int = 0
    not_learned: int = 0
    kept: Mapping[str, int] = field(default_factory=dict)
    residual_read: int | None = None
    canaries: int = 0
    packing: str = ""
    members: tuple[MaskedMember, ...] = ()
    left_out: tuple[LeftMember, ...] = ()
    start: int = 0
    header: int = 0
    packed: PackedCopy | None = None

    @property
    def text_size(self) -> int:
        """Bytes of masked text: of the copy, or of everything in it when it is an archive."""
        if not self.packing:
            return self.masked_size
        return sum(member.report.masked_size for member in self.members)


@dataclass(frozen=True, slots=True)
class MaskedMember:
    """A file in an archive that was masked.

    Attributes:
        name: already masked; a member of an archive in the archive has both names, ``/`` between them.
    """

    name: str
    report: FileReport


@dataclass(frozen=True, slots=True)
class LeftMember:
    """A member of an archive that is not in the masked one.

    Attributes:
        name: already masked.
        code: of the error, such as ``CF-1902``.
        reason: for people, without personal values.
    """

    name: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class MaskedFile:
    """A file that passed masking: bundles are built from these only.

    Attributes:
        path: where the masked copy lies (0600); read by `app.masking.open_masked`, for it may be packed.
        name: relative name, ``/`` between parts, already free of personal values.
    """

    path: Path
    name: str
    report: FileReport


class Study(Protocol):
    """What the files of one bundle told an engine together, so that a value of one is masked in all.

    Made by `Engine.study`, filled by `Engine.learn`; once a file was masked with it, it does not change any
    more, and several threads and engines of the same rules and key may use it. Its memory is bounded.
    """

    @property
    def files(self) -> int:
        """How many files it knows; those with the same bytes count once."""

    @property
    def learned(self) -> int:
        """Values that are remembered."""

    @property
    def not_learned(self) -> int:
        """Values past the bound; a file that told such a value learns its own anew, and these come first."""

    def listen(self) -> None:
        """From now on `heard` knows what files tell. Before the first of them is learned."""

    def heard(self) -> tuple[tuple[Kind, bytes], ...]:
        """What files have told since `listen`, each once, within the bound; in clear text."""

    def teach(self, values: Iterable[tuple[Kind, bytes]]) -> None:
        """Learn what another study has heard. Before the first file is masked."""


class Engine(Protocol):
    """A masking engine with its rules and key.

    Engines fail closed: whatever goes wrong raises, and the caller throws the output away.
    """

    on_token: Callable[[Kind, bytes, bytes], None] | None
    """Is told kind, value as found, and token of every value when its token is made; never of fixed ones.
    What it raises ends the masking."""

    @property
    def name(self) -> str:
        """Such as ``reference 1``; goes into manifest and report."""

    @property
    def rule_set(self) -> str:
        """Name and version of the rules, such as ``default 1``."""

    @property
    def rule_set_sha256(self) -> str:
        """Digest of the rules' canonical text."""

    @property
    def key_id(self) -> str:
        """Names the pseudonym key."""

    def pseudonym(self, kind: Kind, value: str) -> str:
        """The token of a value that is known to be personal (a host's name for the manifest)."""

    def study(self) -> Study:
        """A new study, which knows nothing yet."""

    def learn(self, source: BinaryIO, study: Study) -> None:
        """Add to a study what a file tells; nothing is masked. What it told before it failed stays.

        Raises:
            MaskingError: as `mask_stream`, which fails in the same way.
        """

    def mask_stream(self, source: BinaryIO, sink: BinaryIO, *, study: Study | None = None) -> FileReport:
        """Copy `source` to `sink` masked; the number of lines stays.

        Args:
            source: seekable, read from its first byte.
            sink: takes the masked text.
            study: of this file and those that go with it; without one it is masked by itself.

        Raises:
            MaskingError: an encoding, a rule or a validator failed, or the file is not as it was studied;
                what is in `sink` must not be used.
        """

    def preview(
        self, source: BinaryIO, *, study: Study | None = None, longest: int | None = None
    ) -> Iterator[MaskedLine]:
        """Every line before and after, in order, with what was replaced; as `mask_stream` writes them.

        A line of more than about `longest` characters comes in pieces, each with its number.
        """
