from __future__ import annotations

import errno
import hashlib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.jobs.journal import JobJournal
from agent.jobs.masking import mask
from agent.jobs.rows import FileRow, FileState, JobRow
from agent.jobs.spool import Spool
from agent.jobs.studies import Studies
from agent.service.config import read_config
from agent.service.masking import open_masking, read_grounds
from app.agentlink import JobState, Via
from app.domain.errors import InputError, LocalError
from app.masking.errors import cannot
from app.masking.lens import Lens
from app.secrets import open_agent_vault
from tests.peers.masked_copies import text_of

TEXT = b"call from +4930901820417\ntalk of Projekt Zugspitze\n"


def config(tmp_path: Path, masking: str = ""):
    path = tmp_path / "agent.toml"
    path.write_text(
        '[agent]\ndata = "data"\n[portal]\nurl = "https://portal.example"\n[masking]\n'
        f'{masking}\n[[rule]]\nname = "a"\nfolders = ["logs"]\ncase = "0003256109"\n'
    )
    return read_config(path)


def run(tmp_path: Path, masking: str = "") -> tuple[FileRow, Lens | None, Spool]:
    (tmp_path / "data").mkdir(exist_ok=True)
    read = config(tmp_path, masking)
    engine, check, lens = open_masking(read, read_grounds(read, open_agent_vault(read.data)))
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    now = datetime.now(UTC)
    job = JobRow(
        id="j",
        case="0003256109",
        source="all",
        via=Via.HTTPS,
        state=JobState.MASKING,
        name="j.zip",
        created=now,
        changed=now,
    )
    row = FileRow(job="j", number=1, name="a.log", path=path, state=FileState.WAITING)
    journal, spool = JobJournal(tmp_path / "journal.db"), Spool(tmp_path / "spool")
    journal.create(job, [row])
    digest = hashlib.sha256(TEXT).hexdigest()
    facts = path.stat()
    journal.collected(row, path=path, size=len(TEXT), sha256=digest, modified_ns=facts.st_mtime_ns)
    with closing(journal):
        mask(
            job,
            journal=journal,
            spool=spool,
            engine=engine,
            check=check,
            studies=Studies(engine, journal),
            lens=lens,
            still_wanted=lambda: True,
            last_try=True,
        )
        found = journal.files("j")[0]
    return found, lens, spool


def test_the_journal_keeps_how_much_of_a_copy_was_checked(tmp_path):
    file, _lens, _spool = run(tmp_path)
    assert file.state is FileState.MASKED
    assert file.report is not None
    assert file.report.residual_read == file.report.masked_size


def test_a_copy_with_a_known_value_is_in_quarantine_and_gone(tmp_path):
    (tmp_path / "known.txt").write_text("Projekt Zugspitze\n")
    file, _lens, spool = run(tmp_path, 'known = "known.txt"')
    assert file.state is FileState.QUARANTINED
    assert file.reason.endswith("(CF-1921)")
    assert "Add a rule that masks it" in file.reason
    assert "line 2" in file.reason
    assert "Zugspitze" not in file.reason
    assert not spool.masked("j", 1).exists()


def test_a_copy_that_the_disk_never_takes_ends_the_job_instead_of_leaving_the_file_out(tmp_path, monkeypatch):
    def refused(*_arguments, **_options):
        raise cannot("write the masked copy of", OSError(errno.EFBIG, "File too large"), "CF-1907")

    monkeypatch.setattr("agent.jobs.masking.mask_file", refused)
    with pytest.raises(LocalError) as caught:
        run(tmp_path)
    assert (caught.value.code, caught.value.retryable) == ("CF-1817", False)


def test_a_lens_of_the_agent_turns_tokens_back(tmp_path):
    file, lens, spool = run(tmp_path, 'lens = "keep/site.lens"\nlens_days = 90')
    assert lens is not None
    assert lens.unmask(text_of(spool, file).decode()).text == TEXT.decode()
    assert (tmp_path / "keep" / "site.lens").exists()


def test_a_lens_in_a_folder_whose_logs_are_sent_is_refused(tmp_path):
    with pytest.raises(InputError, match="setting"):
        config(tmp_path, 'lens = "logs/site.lens"')


def test_days_of_the_lens_are_checked(tmp_path):
    with pytest.raises(InputError):
        config(tmp_path, 'lens = "keep/site.lens"\nlens_days = -3')
