from __future__ import annotations

import ssl
import stat
import sys
from datetime import time, timedelta
from pathlib import Path

import pytest
import trustme

from agent.jobs import Level, Night
from agent.service.config import read_config
from agent.service.lock import DataFolderLock
from agent.service.logbook import open_logbook
from agent.service.secrets import client_secret, pseudonym_key, way_out
from app.agentlink import LimitHours, TransferLimits, Via
from app.bundle import BundleFormat
from app.domain.errors import CredentialsError, InputError, LocalError
from app.masking import new_key, write_key_file
from app.secrets import open_agent_vault
from app.transfer.network import Proxy, ProxyKind
from tests.conftest import ExpectedLogs

WHOLE = """
[agent]
data = "data"
quiet = "45s"
[portal]
url = "https://portal.example/"
client_id = "c1"
[[rule]]
name = "sip"
folders = ["/logs/sip", "urs"]
applications = ["sips_*"]
case = "3256109"
when = "every 10m"
[[rule]]
name = "mcp"
folders = ["/logs/mcp"]
case = "0003256110"
via = "sftp"
[rule.sftp]
host = "sftp.example"
host_key = "ssh-ed25519 AAAA"
user = "u"
password_file = "pw"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, WHOLE))
    first, second = config.rules
    assert config.data == tmp_path / "data"
    assert config.quiet == timedelta(seconds=45)
    assert config.portal.url == "https://portal.example"
    assert first.folders == (Path("/logs/sip"), tmp_path / "urs")
    assert first.case == "0003256109"
    assert first.when.every == timedelta(minutes=10)
    assert second.via is Via.SFTP
    assert second.sftp is not None
    assert (second.sftp.port, second.sftp.read_whole) == (22, False)
    assert second.when.every is None


def test_a_rule_says_which_segments_and_when(tmp_path: Path) -> None:
    own = 'when = "nightly 22:30-04:00"\nlevels = "warning"\nmax_age = "7d"\nwhile_open = false'
    night, _ = read_config(write(tmp_path, WHOLE.replace('when = "every 10m"', own))).rules
    assert night.when.night == Night(time(22, 30), time(4))
    assert (night.level, night.max_age, night.while_open) == (Level.WARNING, timedelta(days=7), False)
    assert str(night.when) == "nightly 22:30-04:00"
    plain = read_config(write(tmp_path, WHOLE)).rules[1]
    assert (plain.level, plain.max_age, plain.while_open) == (None, None, True)


def test_alarm_rules_are_built_in_of_a_file_or_off(tmp_path: Path) -> None:
    assert "connection-lost" in {alarm.name for alarm in read_config(write(tmp_path, WHOLE)).alarms}
    assert read_config(write(tmp_path, WHOLE + "\n[alarms]\nenabled = false\n")).alarms == ()
    own = '[[alarm]]\nname = "own"\nseverity = "minor"\nids = ["00001"]\n'
    (tmp_path / "alarms.toml").write_text(own, encoding="utf-8")
    named = WHOLE.replace("every 10m", "alarm own") + '\n[alarms]\nrules = "alarms.toml"\n'
    config = read_config(write(tmp_path, named))
    assert [alarm.name for alarm in config.alarms] == ["own"]
    assert config.rules[0].when.alarm == "own"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('quiet = "45s"', 'quiet = "soon"', "line 4, field agent.quiet"),
        ('quiet = "45s"', 'quite = "45s"', "line 4, field agent.quite"),
        ('quiet = "45s"', "quiet = 45", "line 4, field agent.quiet"),
        ("https://", "http://", "line 6, field portal.url"),
        ('case = "3256109"', 'case = "12a"', "line 12, field rule[0].case"),
        ('when = "every 10m"', 'when = "often"', "line 13, field rule[0].when"),
        ('when = "every 10m"', 'when = "nightly 2-5"', "line 13, field rule[0].when"),
        ('when = "every 10m"', 'when = "nightly 02:00-02:00"', "line 13, field rule[0].when"),
        ('when = "every 10m"', 'when = "alarm nobody"', "line 13, field rule[0].when"),
        ('when = "every 10m"', 'when = "alarm a b"', "line 13, field rule[0].when"),
        ('when = "every 10m"', 'levels = "warn"', "line 13, field rule[0].levels"),
        ('when = "every 10m"', 'max_age = "old"', "line 13, field rule[0].max_age"),
        ('when = "every 10m"', 'when = "alarm a"\naround = "2d"', "line 14, field rule[0].around"),
        ('when = "every 10m"', 'around = "soon"', "line 13, field rule[0].around"),
        ('quiet = "45s"', 'drop_folders = [""]', "line 4, field agent.drop_folders"),
        ('data = "data"', 'data = "a\\u0000b"', "line 3, field agent.data"),
        ('name = "mcp"', 'name = "sip"', "line 15, field rule[1].name"),
        ('name = "mcp"', 'name = "drop"', "line 15, field rule[1].name"),
        ('name = "mcp"', 'name = "a b"', "line 15, field rule[1].name"),
        ('folders = ["/logs/mcp"]', "folders = []", "line 16, field rule[1].folders"),
        ('host = "sftp.example"', "port = 0", "rule[1].sftp"),
        ('user = "u"', 'user = "u"\nread_back = "some"', "line 23, field rule[1].sftp.read_back"),
        ("[[rule]]\nname", "[[rule]\nname", "line 8"),
    ],
)
def test_a_mistake_is_named_with_line_and_field(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(InputError) as wrong:
        read_config(write(tmp_path, WHOLE.replace(before, after, 1)))
    assert "agent.toml" in wrong.value.happened
    assert said in wrong.value.happened


def test_format_and_level_of_bundles_are_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, WHOLE + '[bundle]\nformat = "tar.zst"\nlevel = 19\n'))
    assert (config.bundle_format, config.bundle_level) == (BundleFormat.TAR_ZST, 19)


def test_without_a_word_bundles_are_zips_of_the_default_level(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, WHOLE))
    assert (config.bundle_format, config.bundle_level) == (BundleFormat.ZIP, None)


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        ('format = "7z"', "bundle.format"),
        ("level = 10", "bundle.level"),
        ('format = "tar.zst"\nlevel = 0', "bundle.level"),
        ("level = true", "bundle.level"),
    ],
)
def test_a_format_or_level_that_is_none_is_a_mistake(tmp_path: Path, bundle: str, said: str) -> None:
    with pytest.raises(InputError) as wrong:
        read_config(write(tmp_path, WHOLE + f"[bundle]\n{bundle}\n"))
    assert said in wrong.value.happened


def test_what_is_kept_of_the_logs_is_read(tmp_path: Path) -> None:
    more = '[logs]\nevidence = "500MB"\nids = true\n[[application]]\nname = "billing"\nfiles = ["x/*.txt"]\n'
    logs = read_config(write(tmp_path, WHOLE + more)).logs
    assert (logs.evidence_bytes, logs.ids) == (500_000_000, True)
    assert [(rule.application, rule.pattern) for rule in logs.naming] == [
        ("billing", (tmp_path / "x/*.txt").as_posix())
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[logs]\nevidence = "much"\n', "logs.evidence"),
        ('[[application]]\nname = "a/b"\nfiles = ["x"]\n', "application[0].name"),
        ('[[application]]\nname = "a"\nfiles = []\n', "application[0].files"),
    ],
)
def test_a_mistake_about_logs_is_named(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_config(write(tmp_path, WHOLE + more))
    assert said in caught.value.happened


def test_sftp_without_an_account_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        read_config(write(tmp_path, WHOLE.partition("[rule.sftp]")[0]))
    assert "rule[1].via" in wrong.value.happened


def test_one_agent_per_data_folder(tmp_path: Path) -> None:
    with DataFolderLock(tmp_path), pytest.raises(LocalError) as refused:
        DataFolderLock(tmp_path).__enter__()
    assert refused.value.code == "CF-1897"
    with DataFolderLock(tmp_path):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_the_logbook_is_for_its_owner_only(tmp_path: Path) -> None:
    handler = open_logbook(tmp_path / "log")
    try:
        import logging

        logging.getLogger("agent.test").info("hello")
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
        handler.close()
    path = tmp_path / "log" / "agent.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "agent.test: hello" in path.read_text(encoding="utf-8")


def test_the_logbook_keeps_the_place_of_a_defect_and_not_its_words(
    tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.test")
    import logging

    caller = "tel " + "+4930901820777"
    handler = open_logbook(tmp_path / "log")
    try:
        try:
            try:
                int(caller)
            except ValueError as error:
                raise KeyError(caller) from error
        except KeyError:
            logging.getLogger("agent.test").exception("defect 1234")
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
        handler.close()
    text = (tmp_path / "log" / "agent.log").read_text(encoding="utf-8")
    assert "defect 1234" in text
    assert "test_config.py" in text
    assert "KeyError" in text
    assert "ValueError" in text
    assert caller not in text


def test_the_pseudonym_key_is_made_once_and_kept(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, WHOLE))
    first = pseudonym_key(config, open_agent_vault(config.data))
    assert pseudonym_key(config, open_agent_vault(config.data)) == first


def test_a_key_file_comes_before_the_vault(tmp_path: Path) -> None:
    key = new_key()
    write_key_file(tmp_path / "key", key)
    config = read_config(write(tmp_path, WHOLE + '[masking]\nkey_file = "key"\n'))
    assert pseudonym_key(config, open_agent_vault(config.data)) == key


def test_no_client_secret_is_a_matter_of_credentials(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, WHOLE))
    vault = open_agent_vault(config.data)
    with pytest.raises(CredentialsError):
        client_secret(config, vault)
    vault.put("portal-client-secret", b"s3")
    assert client_secret(config, vault) == "s3"


def test_a_missing_client_secret_file_is_said(tmp_path: Path) -> None:
    text = WHOLE.replace('client_id = "c1"', 'client_id = "c1"\nclient_secret_file = "gone"')
    config = read_config(write(tmp_path, text))
    with pytest.raises(LocalError) as wrong:
        client_secret(config, open_agent_vault(config.data))
    assert "gone" in wrong.value.happened


NETWORK = """
[network]
proxy = "http://proxy.example:3128"
proxy_user = "nadia"
proxy_password_file = "proxy-password"
no_proxy = ["10.0.0.0/8"]
extra_ca_files = ["site.pem"]
client_certificate = "own.pem"
"""


def test_the_way_out_has_its_password_from_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "proxy-password").write_text("s3cret\n", encoding="utf-8")
    config = read_config(write(tmp_path, WHOLE + NETWORK))
    way = way_out(config)
    assert way.network.proxy == Proxy(ProxyKind.HTTP, "proxy.example", 3128, "nadia", "s3cret")
    assert way.network.no_proxy == ("10.0.0.0/8",)
    assert way.certificates.ca_files[-1] == tmp_path / "site.pem"
    assert way.certificates.client_certificate == tmp_path / "own.pem"
    assert "s3cret" not in repr(way) + repr(config)


def test_without_a_word_the_way_out_is_direct(tmp_path: Path) -> None:
    assert way_out(read_config(write(tmp_path, WHOLE))).network.ways("portal.example", 443) == (None,)


@pytest.mark.parametrize("proxy", ["http://nadia:s3cret@proxy.example", "ftp://proxy.example"])
def test_a_proxy_that_is_none_or_holds_a_secret_is_a_mistake(tmp_path: Path, proxy: str) -> None:
    text = WHOLE + NETWORK.replace("http://proxy.example:3128", proxy)
    with pytest.raises(InputError) as wrong:
        read_config(write(tmp_path, text))
    assert "field network.proxy" in wrong.value.happened
    assert "s3cret" not in str(wrong.value)


def test_a_server_without_a_proxy_that_is_none_is_a_mistake_at_its_place(tmp_path: Path) -> None:
    text = WHOLE + NETWORK.replace('["10.0.0.0/8"]', '[\n  "10.0.0.0/8",\n  "http://intra.example"]')
    path = write(tmp_path, text)
    with pytest.raises(InputError) as wrong:
        read_config(path, changed=True)
    assert "field network.no_proxy[1]" in wrong.value.happened


def test_an_agent_runs_with_a_server_without_a_proxy_that_is_none_and_knows_its_place(tmp_path: Path) -> None:
    text = WHOLE + NETWORK.replace('"10.0.0.0/8"', '"http://nadia:s3cret@intra.example"')
    network = read_config(write(tmp_path, text)).network
    assert ["field network.no_proxy[0]" in doubt.happened for doubt in network.doubts] == [True]
    assert "s3cret" not in network.doubts[0].happened + network.doubts[0].todo


def test_a_missing_proxy_password_is_said(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, WHOLE + NETWORK))
    with pytest.raises(LocalError) as missing:
        way_out(config)
    assert missing.value.code == "CF-1887"


TRANSFER = """
[transfer]
limit = "16 MB/s"
hours = [
  "mon-fri 08:00-18:00 2 MB/s",
  "sat,sun 00:00-24:00 none",
]
only_idle = true
connections = 4
at_once = 3
fixed = true
"""


def with_transfer(text: str) -> str:
    return WHOLE.replace("[[rule]]", f"{text}[[rule]]\nshare = 0.5", 1)


def test_the_transfer_table_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, with_transfer(TRANSFER)))
    assert config.transfer.limits == TransferLimits(
        rate=16_000_000,
        hours=[
            LimitHours([0, 1, 2, 3, 4], "08:00", "18:00", 2_000_000),
            LimitHours([5, 6], "00:00", "00:00", None),
        ],
        only_idle=True,
        connections=4,
    )
    assert (config.transfer.at_once, config.transfer.fixed) == (3, True)
    assert [rule.share for rule in config.rules] == [0.5, 1.0]


def test_without_a_transfer_table_nothing_is_limited(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, WHOLE)).transfer.limits == TransferLimits()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"16 MB/s"', '"fast"', "line 10, field transfer.limit: it is no limit of bandwidth."),
        ('"sat,sun 00', '"sometimes 00', "line 11, field transfer.hours[1]: it names no day of the week."),
        ('18:00 2 MB/s"', '18:00"', "line 11, field transfer.hours[0]: days, times and limit are not"),
        ("connections = 4", "connections = 17", "line 16, field transfer.connections: it is out of range."),
        ("at_once = 3", "at_once = 0", "line 17, field transfer.at_once: it is out of range."),
        ("only_idle", "only_idel", "line 15, field transfer.only_idel: there is no such field."),
    ],
)
def test_a_mistake_in_the_transfer_table_has_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_config(write(tmp_path, with_transfer(TRANSFER.replace(before, after))))
    assert said in caught.value.happened


def test_a_share_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_config(write(tmp_path, with_transfer("").replace("share = 0.5", "share = 0.0")))
    assert "rule[0].share" in caught.value.happened


def test_the_portals_one_certificate_comes_from_the_configuration_only(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("another.example")
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "portal.pem"))
    text = WHOLE.replace('client_id = "c1"', 'client_id = "c1"\ncertificate_file = "portal.pem"')
    config = read_config(write(tmp_path, text))
    assert way_out(config).certificates.pinned == ssl.PEM_cert_to_DER_cert(
        issued.cert_chain_pems[0].bytes().decode()
    )


@pytest.mark.parametrize(("content", "code"), [("", "CF-1171"), (None, "CF-1170")])
def test_a_certificate_that_is_none_is_refused(tmp_path: Path, content: str | None, code: str) -> None:
    if content is not None:
        (tmp_path / "portal.pem").write_text(content)
    text = WHOLE.replace('client_id = "c1"', 'client_id = "c1"\ncertificate_file = "portal.pem"')
    with pytest.raises(InputError) as caught:
        way_out(read_config(write(tmp_path, text)))
    assert caught.value.code == code


def test_an_authority_and_a_certificate_do_not_go_together(tmp_path: Path) -> None:
    text = WHOLE.replace(
        'client_id = "c1"', 'client_id = "c1"\nca_file = "ca.pem"\ncertificate_file = "portal.pem"'
    )
    with pytest.raises(InputError) as caught:
        read_config(write(tmp_path, text))
    assert "line 9, field portal.certificate_file" in caught.value.happened
