"""The two families of errors, and the tree they form.

::

    CaseferryError
    ├── WorldError          the world's: a person can do something about it
    │   ├── InputError      a file, line or field that was given to us is not right
    │   ├── RefusedError    a rule of the support process says no, with its number
    │   ├── CredentialsError  sign-in, password, key or scope
    │   ├── TrustError      a certificate or host key is not the one we trust
    │   ├── UnreachableError  a server or a folder does not answer (worth a retry)
    │   ├── PeerError       a server answered, but not what the contract says
    │   ├── IntegrityError  digests differ
    │   └── LocalError      this machine: disk full, permission, a file that vanished
    └── Defect              ours: has a reference id; the traceback is in the log only

Every `WorldError` carries four things for people: a *title*, *what happened*, *what to do*, and a stable
*code* (``CF-nnnn``). None of them may hold personal data or a secret: name the field, never the value.
"""

from __future__ import annotations


class CaseferryError(Exception):
    """The root of both families. Catch it only at a program's border."""


class WorldError(CaseferryError):
    """Something outside the program is not as it must be.

    Attributes:
        code: stable, ``CF-nnnn``; documented in ``docs/errors.md``.
        title: one short line, sentence case.
        happened: what happened, with the place (file, line, field), without personal data.
        todo: what the reader can do now.
        retryable: whether the same call may succeed later without a person.
    """

    code = "CF-1000"
    retryable = False

    def __init__(
        self, title: str, *, happened: str, todo: str, code: str | None = None, retryable: bool | None = None
    ) -> None:
        super().__init__(title)
        self.title = title
        self.happened = happened
        self.todo = todo
        if code is not None:
            self.code = code
        if retryable is not None:
            self.retryable = retryable

    def __str__(self) -> str:
        """The three texts and the code, for logs and terminals."""
        return f"{self.title}. {self.happened} {self.todo} ({self.code})"


class InputError(WorldError):
    """A file, line, field or argument that was given to us is not right."""

    code = "CF-1100"


class RefusedError(WorldError):
    """A rule of the support process refused the call.

    Attributes:
        rule: the number in the domain rules, such as ``R-FILE-1``; empty when the portal named none.
    """

    code = "CF-1200"

    def __init__(
        self, title: str, *, happened: str, todo: str, rule: str = "", code: str | None = None
    ) -> None:
        super().__init__(title, happened=happened, todo=todo, code=code)
        self.rule = rule


class CredentialsError(WorldError):
    """Sign-in, password, key or scope was not accepted."""

    code = "CF-1300"


class TrustError(WorldError):
    """A certificate or host key is not the one we trust. Never retried by itself."""

    code = "CF-1400"


class UnreachableError(WorldError):
    """A server or share does not answer. Worth a retry.

    Attributes:
        retry_after: seconds the peer asked us to wait, when it did.
    """

    code = "CF-1500"
    retryable = True

    def __init__(
        self,
        title: str,
        *,
        happened: str,
        todo: str,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(title, happened=happened, todo=todo, code=code)
        self.retry_after = retry_after


class PeerError(WorldError):
    """A server answered, but not what the contract says."""

    code = "CF-1600"


class IntegrityError(WorldError):
    """Two digests that must be equal differ."""

    code = "CF-1700"


class LocalError(WorldError):
    """This machine refused: disk full, permission, a file or folder that vanished."""

    code = "CF-1800"


class Defect(CaseferryError):
    """A defect of ours.

    Attributes:
        reference: short random id that is shown to the person and stands beside the traceback in the log.
    """

    def __init__(self, reference: str) -> None:
        super().__init__(f"Something went wrong in Caseferry. Reference {reference}.")
        self.reference = reference
