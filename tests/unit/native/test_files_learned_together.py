"""The core and the reference agree about files that go together, whatever stands in them."""

from __future__ import annotations

import io
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import Engine, Kind, NativeEngine, PseudonymKey, ReferenceEngine, load_rules
from tests.peers.keyed_texts import GROUPS, PIECES

KEY = PseudonymKey(b"t" * 32)
RULES = load_rules()
TIGHT = replace(RULES, learning=replace(RULES.learning, max_values=3))
SITE = replace(TIGHT, known=((Kind.NAME, "Jo Doe-Smith"), (Kind.NAME, "Doe")))
SIZES = {"block": 900, "context": 700}
ENGINES = [
    (ReferenceEngine(rules, KEY, **SIZES), NativeEngine(rules, KEY, **SIZES))
    for rules in (RULES, TIGHT, SITE)
]
TELLING = (
    b"CustomerName='Quorra Musterfrau'\n",
    b"CallerName=Jo Doe-Smith\n",
    b"ANI=+4930901820417\n",
    b"Email: jo.doe@example.net\n",
    b"UserName = 'svc_jdoe7'\n",
)
SPOKEN = (
    b"musterfrau, quorra rang 030 901820417, 4930901820417\n",
    b"Quorra%20Musterfrau jo.doe Jo Doe-Smith svc_jdoe7\n",
    b"x" * 950 + b" quorra.musterfrau\n",
)
NOTATION = st.tuples(*(st.sampled_from(group) for group in GROUPS)).map(b"".join)
FILE = st.lists(
    st.one_of(st.sampled_from(TELLING), st.sampled_from(SPOKEN), NOTATION, st.sampled_from(PIECES)),
    max_size=8,
).map(b"".join)


def masked(engine: Engine, files: list[bytes]) -> list[object]:
    study = engine.study()
    for data in files:
        engine.learn(io.BytesIO(data), study)
    made: list[object] = [(study.files, study.learned, study.not_learned)]
    for data in files:
        sink = io.BytesIO()
        report = engine.mask_stream(io.BytesIO(data), sink, study=study)
        made.append((sink.getvalue(), report))
    return made


@settings(max_examples=60)
@given(st.lists(FILE, min_size=2, max_size=4), st.sampled_from(ENGINES))
def test_files_that_go_together_are_masked_alike(
    files: list[bytes], engines: tuple[ReferenceEngine, NativeEngine]
) -> None:
    reference, native = engines
    assert masked(native, files) == masked(reference, files)
