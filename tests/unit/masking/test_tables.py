"""Tables that are longer than a window, and those that stand within a file."""

from __future__ import annotations

import io

import pytest

from app.masking import NativeEngine, PseudonymKey, ReferenceEngine, load_rules

HEADER = "id,first_name,status\n"
ROW = "7,Ethel,ACTIVE\n"


@pytest.fixture(params=[ReferenceEngine, NativeEngine], ids=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> ReferenceEngine | NativeEngine:
    make: type[ReferenceEngine | NativeEngine] = request.param
    return make(load_rules(), PseudonymKey(b"k" * 32), block=512, context=128)


def _masked(engine: ReferenceEngine | NativeEngine, text: str) -> str:
    sink = io.BytesIO()
    engine.mask_stream(io.BytesIO(text.encode()), sink)
    return sink.getvalue().decode()


def test_a_row_far_behind_the_header_of_a_file_is_masked(engine: ReferenceEngine | NativeEngine) -> None:
    name = "7,Zoltan,ACTIVE\n"
    masked = _masked(engine, HEADER + "7,,ACTIVE\n" * 1000 + name)
    assert "Zoltan" not in masked


def test_remarks_may_stand_before_the_header_of_a_file(engine: ReferenceEngine | NativeEngine) -> None:
    masked = _masked(engine, "sep=,\n# made at night\n" + HEADER + "7,,ACTIVE\n" * 100 + ROW)
    assert "Ethel" not in masked


def test_the_table_of_one_file_says_nothing_of_the_next(engine: ReferenceEngine | NativeEngine) -> None:
    _masked(engine, HEADER + ROW)
    assert _masked(engine, "job,Ethel,ACTIVE\n" + ROW).count("Ethel") == 2


def test_a_table_within_a_file_ends_at_an_empty_line(engine: ReferenceEngine | NativeEngine) -> None:
    text = "10:15:02 export\nfirst_name,last_name,status\nEthel,Moor,OPEN\n\nMain,Routing,OPEN\n"
    assert _masked(engine, text).endswith("\nMain,Routing,OPEN\n")


@pytest.mark.parametrize("row", ["7,Ethel", "7,Ethel,ACTIVE,since noon, at last", '7,Ethel,"ACTIVE" now'])
def test_a_row_that_does_not_fit_the_header_of_a_file_is_masked_all_the_same(
    engine: ReferenceEngine | NativeEngine, row: str
) -> None:
    masked = _masked(engine, f"id,first_name,last_name,status\n7,Ann,Moor,ACTIVE\n{row}\n")
    assert "Ethel" not in masked


def test_a_row_goes_on_behind_a_cell_with_line_ends(engine: ReferenceEngine | NativeEngine) -> None:
    rows = '7,"noon\n\nor later",Zoltan,Moor,ACTIVE\n' * 60
    masked = _masked(engine, "id,remark_code,first_name,last_name,status\n" + rows)
    assert "Zoltan" not in masked
    assert masked.count('\n\nor later",<') == 60
    assert masked.count(",ACTIVE\n") == 60


def test_a_quote_that_nothing_closes_takes_no_other_rows(engine: ReferenceEngine | NativeEngine) -> None:
    masked = _masked(engine, HEADER + '7,"Ann,ACTIVE\n' + "7,Ethel,ACTIVE\n" * 60)
    assert masked.count(",ACTIVE\n") == 60
    assert "Ethel" not in masked


def test_the_lines_of_a_cell_stay_lines(engine: ReferenceEngine | NativeEngine) -> None:
    masked = _masked(engine, 'id,home_address,status\n7,"12 Mill Lane\nLeeds LS1 4AP",ACTIVE\n')
    assert masked.count("\n") == 3
    assert "Mill" not in masked
    assert "Leeds" not in masked
