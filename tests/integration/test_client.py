"""The client against the real built-in portal, signed in through its own pages."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from app.domain.access import AccessLevel
from app.domain.cases import Turn
from app.domain.errors import CredentialsError, InputError, RefusedError, TrustError, UnreachableError
from app.portal import (
    AgentTokens,
    CaseCopy,
    CaseSync,
    CopyFilter,
    Outbox,
    PersonTokens,
    PortalClient,
    open_portal_database,
    sign_in_with_browser,
    sign_in_with_device,
)
from app.portal.contract import CaseFilter, CaseView, EventKind, NewAgent
from app.secrets import FileVault
from app.settings import Trust
from tests.peers.portal import PortalProcess, PortalSession, fill_sign_in, portal

__all__ = ["portal"]
NUMBER = "0003256109"
ME = "Nadia Ferrow"


class Browser:
    """What the person does in the browser: sign in, and go where the portal sends them."""

    def __init__(self, portal: PortalProcess, name: str, *, tamper=None) -> None:
        self._portal = portal
        self._person = portal.person(name)
        self._tamper = tamper
        self.pages: list[str] = []
        self._threads: list[threading.Thread] = []

    def __call__(self, address: str) -> bool:
        thread = threading.Thread(target=self._walk, args=(address,))
        thread.start()
        self._threads.append(thread)
        return True

    def done(self) -> None:
        for thread in self._threads:
            thread.join(timeout=120)

    def _walk(self, address: str) -> None:
        with PortalSession(self._portal) as browser:
            target = fill_sign_in(browser, address, email=self._person.email, password=self._person.password)
        for each in self._tamper(target) if self._tamper else [target]:
            self.pages.append(requests.get(each, timeout=60).text)


def signed_in(portal: PortalProcess, folder, name: str = "Nadia") -> PersonTokens:
    browser = Browser(portal, name)
    tokens = sign_in_with_browser(
        portal.url,
        trust=Trust(portal.ca_file),
        store=FileVault(folder / "vault", bytes(32)),
        open_browser=browser,
    )
    browser.done()
    return tokens


@pytest.fixture(scope="module")
def nadia(portal, tmp_path_factory):
    tokens = signed_in(portal, tmp_path_factory.mktemp("nadia"))
    client = PortalClient(portal.url, trust=Trust(portal.ca_file), tokens=tokens)
    yield client
    client.close()


@pytest.fixture
def vault(tmp_path):
    return FileVault(tmp_path / "vault", bytes(32))


def test_the_browser_sign_in_tells_who_one_is(nadia):
    me = nadia.me()
    assert f"{me.first_name} {me.last_name}" == ME
    levels = {membership.account.id: membership.level for membership in me.memberships}
    assert levels["acc-1001"] is AccessLevel.READ_WRITE


def test_a_forged_answer_in_the_browser_changes_nothing(portal, vault):
    def forged_first(target: str) -> list[str]:
        root = target.partition("?")[0]
        return [f"{root}?code=stolen&state=guessed", f"{root}?code=stolen", target]

    browser = Browser(portal, "Nadia", tamper=forged_first)
    tokens = sign_in_with_browser(
        portal.url, trust=Trust(portal.ca_file), store=vault, open_browser=browser, seconds=120
    )
    browser.done()
    assert "not the sign-in that was begun" in browser.pages[0]
    assert tokens.signed_in()


def test_a_person_who_says_no_is_not_signed_in(portal, vault):
    def denied(target: str) -> list[str]:
        state = target.partition("state=")[2].partition("&")[0]
        return [f"{target.partition('?')[0]}?error=access_denied&state={state}"]

    browser = Browser(portal, "Nadia", tamper=denied)
    with pytest.raises(CredentialsError) as raised:
        sign_in_with_browser(portal.url, trust=Trust(portal.ca_file), store=vault, open_browser=browser)
    browser.done()
    assert raised.value.code == "CF-1386"


def test_a_sign_in_can_be_given_up(portal, vault):
    cancel = threading.Event()

    def no_answer(address: str) -> bool:
        cancel.set()
        return True

    with pytest.raises(CredentialsError) as raised:
        sign_in_with_browser(
            portal.url, trust=Trust(portal.ca_file), store=vault, open_browser=no_answer, cancel=cancel
        )
    assert raised.value.code == "CF-1387"


def test_a_sign_in_without_an_answer_ends_in_time(portal, vault):
    with pytest.raises(CredentialsError) as raised:
        sign_in_with_browser(
            portal.url, trust=Trust(portal.ca_file), store=vault, open_browser=lambda _a: True, seconds=0.0
        )
    assert raised.value.code == "CF-1388"


def test_a_sign_in_to_a_stranger_shows_no_page(portal, vault, tmp_path):
    import trustme

    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    opened: list[str] = []
    with pytest.raises(TrustError):
        sign_in_with_browser(
            portal.url,
            trust=Trust(tmp_path / "other.pem"),
            store=vault,
            open_browser=lambda address: bool(opened.append(address)) or True,
        )
    assert opened == []


def test_a_code_on_another_device_signs_in(portal, vault):
    def agree(begun) -> None:
        person = portal.person("Nadia")
        with PortalSession(portal) as browser:
            page = browser.get(begun.verification_uri_complete or begun.verification_uri)
            assert page.status_code == 200
            fill_device(browser, page, begun.user_code, email=person.email, password=person.password)

    tokens = sign_in_with_device(
        portal.url, trust=Trust(portal.ca_file), store=vault, show=agree, wait=lambda _seconds: False
    )
    client = PortalClient(portal.url, trust=Trust(portal.ca_file), tokens=tokens)
    assert client.me().last_name == "Ferrow"


def fill_device(
    browser: requests.Session, page: requests.Response, code: str, *, email: str, password: str
) -> None:
    import html
    import re

    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    fields = {html.unescape(name): html.unescape(value) for name, value in hidden}
    answer = browser.post(
        html.unescape(action.group(1)),
        data={"decision": "allow", **fields, "user_code": code, "email": email, "password": password},
    )
    assert answer.status_code == 200, answer.text


def test_a_sign_in_survives_a_restart_and_ends_with_sign_out(portal, tmp_path):
    signed_in(portal, tmp_path)
    trust, store = Trust(portal.ca_file), FileVault(tmp_path / "vault", bytes(32))
    again = PersonTokens(portal.url, trust=trust, store=store)
    client = PortalClient(portal.url, trust=trust, tokens=again)
    assert client.me().last_name == "Ferrow"
    again.rejected()
    assert client.me().last_name == "Ferrow"
    again.sign_out()
    with pytest.raises(CredentialsError):
        client.me()


def test_threads_share_one_client(nadia):
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _n: nadia.case(NUMBER).number, range(24)))
    assert set(found) == {NUMBER}


def test_accounts_and_contacts_come_with_their_levels(nadia):
    assert {membership.account.id for membership in nadia.accounts()} >= {"acc-1001"}
    assert ME in {f"{each.first_name} {each.last_name}" for each in nadia.contacts("acc-1001")}


def test_pages_of_two_hold_the_same_cases_as_one(nadia):
    wanted = CaseFilter(view=CaseView.GROUP, account="acc-1001", sort="number")
    whole = list(nadia.every_case(wanted))
    small = list(
        nadia.every_case(CaseFilter(view=CaseView.GROUP, account="acc-1001", sort="number", limit=2))
    )
    assert [case.number for case in small] == [case.number for case in whole]
    assert len(whole) == nadia.counts("acc-1001").counts["group"]


def test_a_comment_with_the_same_key_is_one_comment(nadia):
    first = nadia.comment(NUMBER, "We send the traces today.", "key-of-one-comment-0001")
    again = nadia.comment(NUMBER, "We send the traces today.", "key-of-one-comment-0001")
    assert again.id == first.id
    assert sum(update.id == first.id for update in nadia.every_update(NUMBER)) == 1


def test_a_case_that_does_not_exist_is_an_input_error(nadia):
    with pytest.raises(InputError):
        nadia.case("9999999999")


def test_a_file_arrives_verified_with_its_manifest(nadia, tmp_path):
    file = next(each for each in nadia.files(NUMBER) if each.has_manifest)
    seen: list[tuple[int, int]] = []
    found = nadia.download(NUMBER, file.id, tmp_path / "x.zip", on_progress=lambda *at: seen.append(at))
    assert (found.sha256, found.checked) == (file.sha256, True)
    assert seen[-1] == (file.size, file.size)
    assert nadia.manifest(NUMBER, file.id).startswith(b"{")


def test_a_reader_may_not_comment_and_hears_the_rule(portal, tmp_path):
    reader = next(person for person in portal.people if person.level == "read-only")
    tokens = signed_in(portal, tmp_path, reader.name.split()[0])
    client = PortalClient(portal.url, trust=Trust(portal.ca_file), tokens=tokens)
    with pytest.raises(RefusedError) as raised:
        client.comment(NUMBER, "May I?")
    assert raised.value.rule == "R-ACC-3"


def test_an_agent_is_registered_used_and_revoked(portal, nadia):
    made = nadia.register_agent(NewAgent(account="acc-1001", server="sip-t01"))
    tokens = AgentTokens(
        portal.url, trust=Trust(portal.ca_file), client_id=made.client_id, client_secret=made.client_secret
    )
    agent = PortalClient(portal.url, trust=Trust(portal.ca_file), tokens=tokens)
    with pytest.raises((CredentialsError, RefusedError)):
        agent.comment(NUMBER, "An agent does not speak.")
    nadia.revoke_agent(made.credential.id)
    tokens.rejected()
    with pytest.raises(CredentialsError):
        tokens.bearer()


def test_the_copy_holds_what_the_portal_lists(nadia, tmp_path):
    database = open_portal_database(tmp_path / "portal.db")
    copy = CaseCopy(database)
    CaseSync(copy, nadia).whole()
    limits = nadia.capabilities().limits
    from datetime import UTC, datetime, timedelta

    since = datetime.now(UTC) - timedelta(days=limits.reopen_days)
    assert copy.counts(me=ME, filters=CopyFilter(closed_since=since)).counts == nadia.counts().counts
    order = copy.ids(CaseView.MINE, me=ME, sort="closes", filters=CopyFilter(closed_since=since))
    assert order.groups[0].turn is Turn.YOU
    portal_says = {case.number for case in nadia.every_case(CaseFilter(view=CaseView.MINE))}
    assert portal_says <= set(order.numbers)
    assert copy.row(NUMBER) == nadia.case(NUMBER)
    database.close()


def test_a_change_reaches_the_copy_by_its_event(nadia, tmp_path):
    database = open_portal_database(tmp_path / "portal.db")
    copy = CaseCopy(database)
    sync = CaseSync(copy, nadia)
    with nadia.events(0) as events:
        sync.whole()
        update = nadia.comment(NUMBER, "Noted at 12:03.")
        for event in events:
            sync.apply(event)
            if event.kind is EventKind.UPDATE_ADDED and event.subject == update.id:
                break
    assert copy.row(NUMBER) == nadia.case(NUMBER)
    assert copy.last_event() == event.id
    database.close()


def test_a_comment_written_offline_arrives_once(nadia, portal, tmp_path):
    database = open_portal_database(tmp_path / "portal.db")
    outbox = Outbox(database)
    outbox.add(NUMBER, "Written on the train.")
    offline = PortalClient("https://127.0.0.1:9", trust=Trust(portal.ca_file), tokens=_Any())
    with pytest.raises(UnreachableError):
        outbox.deliver(offline)
    assert [update.text for update in outbox.deliver(nadia).sent] == ["Written on the train."]
    outbox.deliver(nadia)
    assert sum(u.text == "Written on the train." for u in nadia.every_update(NUMBER)) == 1
    database.close()


class _Any:
    def bearer(self) -> str:
        return "x"

    def rejected(self, token: str | None = None) -> None:
        pass


def test_the_copy_of_a_contact_with_basic_access_knows_who_it_is_and_holds_no_case(portal, tmp_path):
    tokens = signed_in(portal, tmp_path / "vault", "Pia")
    client = PortalClient(portal.url, trust=Trust(portal.ca_file), tokens=tokens)
    database = open_portal_database(tmp_path / "portal.db")
    copy = CaseCopy(database)
    CaseSync(copy, client).whole()
    assert copy.me() == client.me()
    assert copy.ids(CaseView.GROUP, me="", sort="updated").numbers == []
    database.close()
