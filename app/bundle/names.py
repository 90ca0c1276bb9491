"""Names inside a bundle: relative, portable to every system, each once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from app.bundle.damage import damaged
from app.bundle.manifest import MANIFEST_NAME
from app.domain.errors import InputError

_UNPORTABLE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_RESERVED = re.compile(
    r"(?i)\A(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?\Z"
)
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Categories of signs that show nothing, and of those that turn the reading of the others around."""

_LEADS_OUT = re.compile(r"\A(?:[\\/]|[A-Za-z]:[\\/])")
_LONGEST = 0xFFFF
_LONGEST_PART = 255
"""Bytes of UTF-8: as long as ext4, XFS and APFS take; NTFS takes as many of UTF-16."""

_LONGEST_ENDING = 20


def is_portable(name: str) -> bool:
    """Whether `name` is a relative path that every system can write below any folder, and nowhere else."""
    try:
        return portable_name(name) == name
    except InputError:
        return False


def portable_name(name: str) -> str:
    """The same name as every system can write it, and as it is read.

    What Windows cannot write, and signs that show nothing or turn the others around, become ``_``; devices of
    Windows get one in front. Parts of more than 255 bytes are cut before their ending.

    Raises:
        InputError: the name is empty, absolute, leads out of its folder, or is too long for ZIP (CF-1123).
    """
    parts = name.split("/")
    if not name or _LEADS_OUT.match(name) or any(part in ("", ".", "..") for part in parts):
        raise InputError(
            "A file name cannot go into a bundle",
            happened="A member's name is empty, absolute, or leads out of its folder.",
            todo="Give a name relative to the folder that is collected.",
            code="CF-1123",
        )
    made = _portable(name)
    if max(len(each.encode("utf-8", "surrogatepass")) for each in (name, made)) > _LONGEST:
        raise InputError(
            "A file name is too long for a bundle",
            happened=f"A member's name has more than {_LONGEST} bytes.",
            todo="Give a shorter relative name.",
            code="CF-1123",
        )
    return made


def distinct_names(names: Iterable[str]) -> list[str]:
    """Portable names in the order given; a name that would fall on an earlier one gets ``~2``, then ``~3``.

    Names that differ in case only fall on one another on Windows and macOS, so they count as equal. The
    manifest's own name is taken.
    """
    taken = {MANIFEST_NAME.casefold()}
    result: list[str] = []
    for name in names:
        candidate = made = portable_name(name)
        number = 1
        while candidate.casefold() in taken:
            number += 1
            candidate = _numbered(made, number)
        taken.add(candidate.casefold())
        result.append(candidate)
    return result


def check_names(names: Sequence[str]) -> None:
    """Whether every name is portable, leads nowhere else, and is there once.

    Raises:
        IntegrityError: it is not so (CF-1711).
    """
    if len({name.casefold() for name in names}) != len(names):
        raise damaged("Two members have the same name.")
    if not all(map(is_portable, names)):
        raise damaged(
            "A member's name is absolute, leads out of its folder, or cannot be written everywhere."
        )


def _numbered(name: str, number: int) -> str:
    folder, slash, last = name.rpartition("/")
    stem, tail = _ending_apart(last, longest=len(last))
    return f"{folder}{slash}{_fitting(stem, f'~{number}{tail}') or _fitting(last, f'~{number}')}"


def _ending_apart(part: str, *, longest: int) -> tuple[str, str]:
    """What stands before the last dot, and the rest; all and nothing without one, or for a longer rest."""
    stem, dot, ending = part.rpartition(".")
    return (stem, dot + ending) if stem and len(ending.encode()) <= longest else (part, "")


def _fitting(stem: str, tail: str) -> str:
    """Both, the former cut where they are too long together; empty when nothing of it would be left."""
    kept = stem.encode()[: max(0, _LONGEST_PART - len(tail.encode()))].decode(errors="ignore")
    return kept and kept + tail


def _portable(name: str) -> str:
    return "/".join(_portable_part(part) for part in name.split("/"))


def _portable_part(part: str) -> str:
    part = _UNPORTABLE.sub("_", part.encode("utf-8", "replace").decode("utf-8"))
    part = _cut("".join("_" if unicodedata.category(each) in _UNSEEN else each for each in part))
    return _cut(f"_{part}") if _RESERVED.match(part) else part


def _cut(part: str) -> str:
    part = _fitting(*_ending_apart(part, longest=_LONGEST_ENDING))
    return f"{part[:-1]}_" if part.endswith((".", " ")) else part
