"""Two own patterns of one id: told apart where the rules are in use, a mistake where somebody writes them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count

from app.domain.errors import InputError
from app.masking.rules import DoubledId, KeyRule, PatternRule

_log = logging.getLogger(__name__)
LONGEST_ID = 64
"""Characters of the id of a rule."""


@dataclass(frozen=True, slots=True)
class Doubles:
    """What becomes of an id that more than one pattern has.

    Attributes:
        strict: whether it is a mistake.
        known: ids that are none all the same, once for each pattern too many.
    """

    strict: bool = False
    known: Collection[str] = ()

    def told_apart(
        self, found: Sequence[PatternRule | KeyRule], wrong: Callable[[int], InputError]
    ) -> tuple[list[PatternRule | KeyRule], tuple[DoubledId, ...]]:
        """Each with an id of its own, by which reports count; and which had another's.

        Args:
            found: in the order of the file.
            wrong: what is said of one, by its number.

        Raises:
            InputError: two have one id, and that is a mistake.
        """
        apart, doubled = list(found), list[DoubledId]()
        taken, seen, known = {each.rule for each in found}, set[str](), Counter(self.known)
        for number, each in enumerate(found):
            if each.rule in seen:
                error = wrong(number)
                if self.strict and not known[each.rule]:
                    raise error
                known[each.rule] -= 1
                ends = (f"-{n}" for n in count(2))
                other = next(
                    name for end in ends if (name := each.rule[: LONGEST_ID - len(end)] + end) not in taken
                )
                doubled.append(DoubledId(each.rule, f"{error.happened} It counts as {other}."))
                _log.warning("%s", doubled[-1].said)
                apart[number] = replace(each, rule=other)
                taken.add(other)
            seen.add(each.rule)
        return apart, tuple(doubled)
