from __future__ import annotations

import base64
import io
from dataclasses import replace
from urllib.parse import quote

import pytest

from app.domain.errors import InputError, LocalError
from app.masking import (
    EVERYTHING,
    Canaries,
    MaskingError,
    PseudonymKey,
    Reach,
    ReferenceEngine,
    load_rules,
    mask_file,
    open_engine,
    read_canaries,
    residual_check,
)
from app.masking.face import FileReport, Kind, MaskedFile
from app.masking.residual import ResidualCheck, residual_rate
from app.masking.rules import Policy

RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
CALLER = "+4930901820417"
SMALL = Reach(whole=256 * 1024, part=1_000_000)


@pytest.fixture(scope="module")
def check() -> ResidualCheck:
    return residual_check(RULES, KEY)


def copy_of(tmp_path, content: bytes) -> MaskedFile:
    path = tmp_path / "copy"
    path.write_bytes(content)
    report = FileReport("utf-8", content.count(b"\n"), len(content), len(content), "5eed" * 16)
    return MaskedFile(path=path, name="copy", report=report)


def masked(tmp_path, content: bytes) -> MaskedFile:
    (tmp_path / "raw").write_bytes(content)
    return mask_file(ReferenceEngine(RULES, KEY), tmp_path / "raw", target=tmp_path / "copy", name="a.log")


def quiet_lines(size: int) -> bytes:
    line = b"10:15:02.118 Std 20512 state of <TEL:88b1e4f0a1b2c3d4> is now idle, nothing else was changed\n"
    return line * (size // len(line))


def test_what_masking_wrote_passes_and_the_report_says_that_all_was_read(tmp_path, check):
    file = masked(tmp_path, f"call from {CALLER}\nCustomerName='Anna Kovacs' for Anna Kovacs\n".encode())
    checked = check.examine(file)
    assert checked.report.residual_read == file.report.masked_size


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_value_that_is_left_stops_the_file_with_line_and_rule_but_no_value(tmp_path, check, encoding):
    text = f"nothing here\nnor here\ncall from {CALLER}\n".encode(encoding)
    with pytest.raises(MaskingError) as caught:
        check.examine(copy_of(tmp_path, text))
    assert caught.value.code == "CF-1920"
    assert "line 3" in caught.value.happened
    assert "(TEL)" in caught.value.happened
    assert "901820417" not in str(caught.value)


def test_a_copy_that_cannot_be_read_is_stopped(tmp_path, check):
    file = copy_of(tmp_path, b"x\n")
    file.path.unlink()
    with pytest.raises(MaskingError) as caught:
        check.examine(file)
    assert caught.value.code == "CF-1922"


def test_a_sieve_is_made_once_when_small_files_are_many():
    made = []
    check = ResidualCheck(lambda: ReferenceEngine(RULES, KEY), sieve=lambda: made.append(len(counts)))
    text, counts = quiet_lines(20_000), []
    for _ in range(4):
        counts.append(check.read(io.BytesIO(text), size=len(text), seed=""))
    assert made == [2]


def test_a_large_file_is_read_in_part_and_the_report_says_how_much(tmp_path):
    file = copy_of(tmp_path, quiet_lines(2_000_000))
    read = residual_check(RULES, KEY, reach=SMALL).examine(file).report.residual_read
    assert read is not None
    assert 200_000 < read < 500_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("where", ["head", "tail"])
def test_head_and_tail_of_a_large_file_are_always_read(tmp_path, encoding, where):
    lines = quiet_lines(700_000).decode()
    leak = f"call from {CALLER}\n"
    text = leak + lines if where == "head" else lines + leak
    mark = "" if encoding == "utf-8" else "\ufeff"
    with pytest.raises(MaskingError) as caught:
        residual_check(RULES, KEY, reach=SMALL).examine(copy_of(tmp_path, (mark + text).encode(encoding)))
    assert f"line {1 if where == 'head' else text.count(chr(10))}:" in caught.value.happened


def test_a_leak_that_is_everywhere_is_met_by_the_sample_with_its_line(tmp_path):
    quiet = quiet_lines(300_000)
    leaking = f"call from {CALLER}\n".encode() * 40_000
    content = quiet + leaking + quiet
    with pytest.raises(MaskingError) as caught:
        residual_check(RULES, KEY, reach=SMALL).examine(copy_of(tmp_path, content))
    line = int(caught.value.happened.split("line ")[1].split(":")[0])
    assert quiet.count(b"\n") < line <= quiet.count(b"\n") + 40_000


def test_everything_reads_what_a_sample_may_miss(tmp_path):
    content = quiet_lines(150_000) + f"call from {CALLER}\n".encode() + quiet_lines(150_000)
    with pytest.raises(MaskingError):
        residual_check(RULES, KEY, reach=EVERYTHING).examine(copy_of(tmp_path, content))


def test_the_same_file_is_read_at_the_same_places(tmp_path):
    file = copy_of(tmp_path, quiet_lines(3_000_000))
    check = residual_check(RULES, KEY, reach=SMALL)
    assert check.examine(file).report == check.examine(file).report


def test_one_line_of_megabytes_is_sampled(tmp_path):
    content = b"x" * 3_000_000 + b" <TEL:88b1e4f0a1b2c3d4> " + b"y" * 1000
    read = residual_check(RULES, KEY, reach=SMALL).examine(copy_of(tmp_path, content)).report.residual_read
    assert read is not None
    assert read > 200_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("reach", [SMALL, EVERYTHING], ids=["sample", "all"])
def test_a_masked_line_of_megabytes_full_of_values_passes(tmp_path, encoding, reach):
    piece = f"CustomerName='Erika Mustermann' AttributeANI='{CALLER}' and much text besides 10.1.2.3 "
    (tmp_path / "raw").write_bytes((piece * 9000).encode(encoding))
    file = mask_file(open_engine(RULES, KEY), tmp_path / "raw", target=tmp_path / "copy", name="a.log")
    checked = residual_check(RULES, KEY, reach=reach).examine(file)
    assert checked.report.residual_read


def test_what_is_left_inside_of_a_line_of_megabytes_stops_the_file(tmp_path):
    piece = b"CustomerName='<NAME:88b1e4f0a1b2c3d4>' and nothing that tells who it was "
    left = b"CustomerName='Erika Mustermann' "
    content = (piece * 400 + left) * 60
    check = residual_check(RULES, KEY, reach=SMALL)
    with pytest.raises(MaskingError, match=r"line 1: person"):
        check.examine(copy_of(tmp_path, content))


def test_masked_logs_of_a_site_pass_in_samples(tmp_path):
    from app.sandbox.sitelogs import __main__ as sitelogs

    sitelogs.main(["--out", str(tmp_path / "logs"), "--seed", "11", "--bytes", "400000"])
    check = residual_check(RULES, KEY, reach=SMALL)
    engine = open_engine(RULES, KEY)
    for number, path in enumerate(sorted((tmp_path / "logs").rglob("*.log"))):
        check.examine(mask_file(engine, path, target=tmp_path / str(number), name="x.log"))


def test_the_rate_is_measured(tmp_path):
    path = tmp_path / "masked"
    path.write_bytes(quiet_lines(200_000))
    rate = residual_rate(residual_check(RULES, KEY), path)
    assert rate.read == rate.size
    assert rate.per_second > 0


def test_the_reach_has_bounds():
    with pytest.raises(ValueError, match="at least"):
        Reach(whole=10)


def sightings(value: str, text: bytes, *, country: str = "") -> list[str]:
    return [seen.form for seen in Canaries([value], country=country).find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "agent Zoë Brückner took it",
        "agent ZOË BRÜCKNER",
        "agent Zoë  Brückner here",
        "agent Zoë\tBrückner",
        "Brückner, Zoë",
        "?name=Zoë+Brückner&x",
        "zoë.brückner@example.com",
        "/home/Zoë_Brückner/x.log",
        "agent Zoe\u0308 Bru\u0308ckner here",
        "x=" + quote("Zoë Brückner"),
        "x=" + quote("Zoë Brückner", encoding="cp1252"),
        'x="Zo\\u00eb Br\\u00fcckner"',
        "x=Zo&#235; Br&uuml;ckner;",
        "blob=" + base64.b64encode("name: Zoë Brückner".encode()).decode(),
        "blob=" + base64.urlsafe_b64encode("?name: Zoë Brückner~~".encode()).decode().rstrip("="),
    ],
)
def test_a_known_name_is_found_in_every_form(text):
    assert sightings("Zoë Brückner", text.encode()) != []


@pytest.mark.parametrize(
    "text",
    ["+49 30 901820417", "0049-30-9018-20417", "030 901820417", "(030) 9018 20417", "tel:+4930901820417;x"],
)
def test_a_known_number_is_found_in_every_grouping(text):
    assert sightings("+49 30 901820417", f"to {text} now".encode(), country="49") == ["as it is"]


@pytest.mark.parametrize(
    "text",
    ["agent Zoë Brücknerin", "1234930901820418", "<TEL:4930901820417000>", "Brückner und Zoë", "Zoë", ""],
)
def test_what_only_resembles_a_known_value_is_left_alone(text):
    found = Canaries(["Zoë Brückner", "+4930901820417"])
    assert list(found.find(text.encode())) == []


def test_a_known_value_in_cp1252_is_found():
    assert sightings("Zoë Brückner", "von Zoë Brückner".encode("cp1252")) == ["as it is"]


def test_a_known_value_stops_the_file_with_its_line_wherever_it_stands(tmp_path):
    content = quiet_lines(1_500_000) + b"desk of zebra-falcon here\n" + quiet_lines(1_500_000)
    check = residual_check(RULES, KEY, canaries=Canaries(["Zebra-Falcon"]), reach=SMALL)
    with pytest.raises(MaskingError) as caught:
        check.examine(copy_of(tmp_path, content))
    line = content[: content.index(b"desk")].count(b"\n") + 1
    assert caught.value.code == "CF-1921"
    assert f"line {line} " in caught.value.happened
    assert "falcon" not in str(caught.value).casefold()


@pytest.mark.parametrize("at", [1_048_570, 1_048_576, 2_097_150])
def test_a_known_value_is_found_across_the_borders_of_what_is_read(at):
    content = b"." * at + b" Zebra-Falcon " + b"." * 3_000_000
    check = residual_check(RULES, KEY, canaries=Canaries(["Zebra-Falcon"]), reach=SMALL)
    with pytest.raises(MaskingError):
        check.read(io.BytesIO(content), size=len(content), seed="x")


def test_the_list_of_known_values_is_read_with_remarks_left_out(tmp_path):
    path = tmp_path / "known.txt"
    path.write_bytes(b"\xef\xbb\xbf# agents\nAnna Kovacs\n\n +49 30 901820417 \n")
    assert len(read_canaries(path)) == 2


@pytest.mark.parametrize(
    ("content", "place"), [(b"Anna Kovacs\nLi\n", "line 2"), (b"\xff\xfe\n", "line 1"), (b"----\n", "line 1")]
)
def test_a_list_that_is_not_right_names_the_line_and_not_the_value(tmp_path, content, place):
    path = tmp_path / "known.txt"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_canaries(path)
    assert place in caught.value.happened
    assert "Li" not in caught.value.happened


def test_a_list_that_is_missing_is_said(tmp_path):
    with pytest.raises(LocalError):
        read_canaries(tmp_path / "none")


def test_the_site_values_of_the_rules_are_looked_for(tmp_path):
    rules = replace(RULES, known=((Kind.HOST, "zebra-falcon"),))
    with pytest.raises(MaskingError) as caught:
        residual_check(rules, KEY).examine(copy_of(tmp_path, b"x=" + base64.b64encode(b"on zebra-falcon ok")))
    assert caught.value.code == "CF-1921"


def test_site_values_of_kinds_that_stay_are_not_looked_for(tmp_path):
    rules = replace(RULES, known=((Kind.HOST, "zebra-falcon"),), policy={Kind.HOST: Policy.KEEP})
    assert residual_check(rules, KEY).canaries == 0


@pytest.mark.parametrize(
    ("line", "profile"),
    [
        ("sip:mary:s3cret@192.0.2.9", "infrastructure-only"),
        ("<VirtualHost 127.0.0.1> Bind 192.0.2.9", "balanced"),
    ],
    ids=["user of a SIP URI whose password was masked", "sentence behind an element"],
)
def test_what_stands_beside_a_token_is_no_host(tmp_path, line, profile):
    rules = load_rules(profile=profile)
    (tmp_path / "raw").write_text(line + "\n", encoding="utf-8")
    engine = open_engine(rules, KEY)
    file = mask_file(engine, tmp_path / "raw", target=tmp_path / "copy", name="a.log")
    assert "192.0.2.9" not in (tmp_path / "copy").read_text(encoding="utf-8")
    assert residual_check(rules, KEY).examine(file).report.residual_read == file.report.masked_size
