"""The three profiles on one log, as files for people to read: what each makes of it, with either engine.

``./dev run python -m tests.unit.masking.test_profiles_golden`` writes them anew; read the difference before
it is committed.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from app.masking import Engine, NativeEngine, PseudonymKey, ReferenceEngine, load_rules

FOLDER = Path(__file__).with_name("golden")
PROFILES = ("voice-strict", "balanced", "infrastructure-only")
KEY = PseudonymKey(b"golden files use this key only..")


def masked(engine: Engine) -> str:
    sink = io.BytesIO()
    engine.mask_stream(io.BytesIO((FOLDER / "site.log").read_bytes()), sink)
    return sink.getvalue().decode()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("make", [ReferenceEngine, NativeEngine])
def test_a_profile_makes_of_a_log_what_is_written_down(
    profile: str, make: type[ReferenceEngine | NativeEngine]
) -> None:
    expected = (FOLDER / f"{profile}.log").read_text("utf-8")
    assert masked(make(load_rules(profile=profile), KEY)) == expected


def test_profiles_differ() -> None:
    texts = {profile: (FOLDER / f"{profile}.log").read_text("utf-8") for profile in PROFILES}
    assert len(set(texts.values())) == len(PROFILES)
    assert "Erika" not in texts["voice-strict"] + texts["balanced"]
    assert "192.0.2.17" not in texts["infrastructure-only"]


def main() -> None:
    """Write the files anew with the reference engine."""
    for profile in PROFILES:
        text = masked(ReferenceEngine(load_rules(profile=profile), KEY))
        (FOLDER / f"{profile}.log").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
