"""What one study heard is taught to another one: a value that was told elsewhere is masked, too."""

from __future__ import annotations

import io

import pytest

from app.masking import Engine, PseudonymKey, load_rules, open_engine, reference_engine

RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
ENGINES = {"native": open_engine(RULES, KEY), "reference": reference_engine(RULES, KEY)}
TELLS = b"10:15:02.118 ok\n\t'CustomerName'\t'Quorra Musterfrau'\n"
RECURS = b"10:15:01.118 then Quorra Musterfrau called\n"


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


def test_what_was_heard_in_one_file_is_masked_in_another_that_does_not_tell_it(engine: Engine) -> None:
    first = engine.study()
    first.listen()
    engine.learn(io.BytesIO(TELLS), first)
    second = engine.study()
    second.teach(first.heard())
    engine.learn(io.BytesIO(RECURS), second)
    masked = io.BytesIO()
    engine.mask_stream(io.BytesIO(RECURS), masked, study=second)
    assert b"Musterfrau" not in masked.getvalue()


def test_a_study_that_is_used_is_taught_nothing_more(engine: Engine) -> None:
    study = engine.study()
    engine.learn(io.BytesIO(RECURS), study)
    engine.mask_stream(io.BytesIO(RECURS), io.BytesIO(), study=study)
    with pytest.raises(ValueError, match="learns nothing more"):
        study.teach(())
