"""What the machines write: syslog of both kinds, databases, paths of users."""

# Log lines are written as they are.
# ruff: noqa: E501

from __future__ import annotations

from tests.bench.quality.clock import Clock, Ids
from tests.bench.quality.fields import Scene, joined, sql_text
from tests.bench.quality.identities import hexes, ip, ip6, mac, shaped


def syslog(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """RFC 3164 and RFC 5424: sshd, sudo, postfix, kernel, DHCP."""
    page, dice = scene.page, scene.page.dice
    page.format = "syslog"
    host = scene.word(scene.words.hosts).split(".")[0]
    fqdn = f"{host}.{scene.words.site_domain}"
    for _ in range(count):
        scene.next()
        program, text = _system_line(scene, ids)
        process = ids.number("process id", 300, 65_000)
        heads = (
            f"{clock.stamp('syslog')} {page.either(host)} {program}[{process}]: ",
            f"<{page.stay('plain number', '134')}>1 {clock.stamp('zulu')} {page.structured('host', fqdn, 'RFC 5424')} {program} {process} - - ",
            f"<{page.stay('plain number', '38')}>{clock.stamp('syslog')} {page.either(host)} {program}[{process}]: ",
        )
        page.add(dice.choice(heads) + text)


def _system_line(scene: Scene, ids: Ids) -> tuple[str, str]:
    page, dice, who, words = scene.page, scene.page.dice, scene.who, scene.words
    login = who.values["user"].split("\\")[-1]

    def user(notation: str) -> str:
        return page.keyed("user", login, notation)

    def address(notation: str) -> str:
        made = ip(dice, words) if dice.random() < 0.8 else ip6(dice, words)
        return page.structured("ip", made, notation)

    mail = who.values["mail"]
    forms = (
        lambda: ("sshd", f"Accepted password for {user('sshd Accepted')} from {address('sshd')} port {ids.port()} ssh2"),
        lambda: ("sshd", f"Failed password for invalid user {user('sshd invalid user')} from {address('sshd')} port {ids.port()} ssh2"),
        lambda: ("sshd", f"Accepted publickey for {user('sshd publickey')} from {address('sshd')} port {ids.port()} ssh2: RSA SHA256:{page.either(hexes(dice, 43))}"),
        lambda: ("sshd", f"pam_unix(sshd:session): session opened for user {user('pam session')} by (uid={page.stay('plain number', '0')})"),
        lambda: ("sshd", f"Connection closed by {address('sshd')} port {ids.port()} [preauth]"),
        lambda: ("sudo", f"    {user('sudo')} : TTY=pts/{page.stay('plain number', '3')} ; PWD=/opt/genesys/sip ; USER={page.either('root')} ; COMMAND={page.stay('path', '/usr/bin/tail -n 200 sips_a.log')}"),
        lambda: ("postfix/smtp", f"{page.stay('reference id', hexes(dice, 10).upper())}: to=<{page.structured('mail', mail, 'postfix to')}>, relay={page.structured('host', 'mx1.' + words.site_domain, 'postfix relay')}[{address('postfix relay')}]:{page.stay('port', '25')}, delay={page.stay('duration', '0.41')}, dsn={page.stay('status', '2.0.0')}, status=sent"),
        lambda: ("postfix/qmgr", f"{page.stay('reference id', hexes(dice, 10).upper())}: from=<{page.structured('mail', mail, 'postfix from')}>, size={ids.number('size', 400, 90_000)}, nrcpt=1 (queue active)"),
        lambda: ("kernel", f"[{page.stay('duration', f'{dice.randrange(9999)}.{dice.randrange(10**6):06d}')}] eth0: link up, 1000 Mbps, lladdr {page.structured('mac', mac(dice), 'MAC')}"),
        lambda: ("dhclient", f"DHCPACK of {address('dhclient')} from {address('dhclient')}"),
        lambda: ("CRON", f"({page.either('root')}) CMD ({page.stay('path', '/usr/lib64/sa/sa1 1 1')})"),
        lambda: ("systemd", f"Started Session {ids.number('session id', 1, 9999)} of user {user('systemd user')}."),
        lambda: ("login", f"FAILED LOGIN 1 FROM {address('login')} FOR {user('login FOR')}, Authentication failure"),
        lambda: ("vsftpd", f"[{user('vsftpd')}] OK LOGIN: Client \"{address('vsftpd')}\""),
        lambda: ("kernel", f"Out of memory: Killed process {ids.number('process id', 300, 65_000)} (java) total-vm:{ids.number('size', 10**6, 10**7)}kB"),
        lambda: ("ipmi", f"fan speeds {page.stay('plain number', '3375 4530 3515 3479')} temp {page.stay('plain number', '41')}"),
        lambda: ("genesys", page.stay("free text", scene.word(words.plain_sentences))),
    )  # fmt: skip
    return dice.choice(forms)()


def database(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """Statements with literals, and what the database says of them."""
    page, dice = scene.page, scene.page.dice
    page.format = "SQL"
    for _ in range(count):
        scene.next()
        style = dice.choice(["snake", "UPPER", "camel", "Snake_Caps"])
        head = f"{clock.stamp('java')} DEBUG [{ids.number('thread id', 10, 900)}] "
        page.add(
            head + dice.choice([_insert, _update, _select, _in, _like, _bound, _duplicate])(scene, ids, style)
        )


def _insert(scene: Scene, ids: Ids, style: str) -> str:
    fields = scene.fields(4)
    columns = ", ".join(field.key(style) for field in fields)
    values = ", ".join(f"'{scene.value(field, 'SQL INSERT', sql_text, style=style)}'" for field in fields)
    word = scene.page.dice.choice(["INSERT INTO", "insert into"])
    return f"{word} {scene.word(scene.words.tables)} (id, {columns}) VALUES ({ids.number('DBID', 101, 99_999)}, {values});"


def _update(scene: Scene, ids: Ids, style: str) -> str:
    pairs = joined(scene, scene.fields(3), "{k} = '{v}'", "SQL SET", encode=sql_text, style=style)
    return f"UPDATE {scene.word(scene.words.tables)} SET {pairs} WHERE id = {ids.number('DBID', 101, 99_999)}"


def _select(scene: Scene, ids: Ids, style: str) -> str:
    where = joined(
        scene, scene.fields(2), "{k}='{v}'", "SQL WHERE", encode=sql_text, mark=" AND ", style=style
    )
    return f"SELECT id, state FROM {scene.word(scene.words.tables)} c WHERE c.{where} LIMIT {ids.number('plain number', 1, 500)} -- {ids.number('duration', 1, 90)} ms"


def _in(scene: Scene, ids: Ids, style: str) -> str:
    kind = scene.page.dice.choice(["phone", "customer id", "mail"])
    field = scene.field(kind)
    values = []
    for _ in range(3):
        scene.next()
        values.append(f"'{scene.page.keyed(kind, scene.who.values[kind], 'SQL IN', field.key(style))}'")
    return f"SELECT * FROM {scene.word(scene.words.tables)} WHERE {field.key(style)} IN ({', '.join(values)}) AND attempts < {ids.number('plain number', 1, 9)}"


def _like(scene: Scene, ids: Ids, style: str) -> str:
    field = scene.field(scene.page.dice.choice(["last", "name", "street"]))
    value = scene.value(field, "SQL LIKE", sql_text, style=style)
    return f"select count(*) from {scene.word(scene.words.tables)} where {field.key(style)} like '%{value}%' -- rows={ids.number('size', 0, 900)}"


def _bound(scene: Scene, ids: Ids, style: str) -> str:
    shown = joined(scene, scene.fields(3), ":{k} = {v}", "SQL bound parameter", style=style)
    return f"exec sp_call_{ids.number('plain number', 1, 90)} with [{shown}]"


def _duplicate(scene: Scene, ids: Ids, style: str) -> str:
    field = scene.field(scene.page.dice.choice(["customer id", "mail", "phone"]))
    return (
        f'ERROR:  duplicate key value violates unique constraint "pk_{ids.number("DBID", 1, 90)}" '
        f"DETAIL:  Key ({field.key(style)})=({scene.value(field, 'SQL error detail', style=style)}) already exists."
    )


def workstation(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """A desktop application on a user's machine: paths with names, settings, screen pops."""
    page, dice, words = scene.page, scene.page.dice, scene.words
    page.format = "workstation"
    for _ in range(count):
        scene.next()
        login = scene.who.values["user"].split("\\")[-1]
        folder = scene.word(words.home_folders).format(u=page.structured("user", login, "path"))
        name = page.stay("file name", f"trace_{dice.randrange(10**6)}.log")
        pairs = scene.fields(4)
        style = dice.choice(["Pascal", "spaced", "UPPER", "camel"])
        forms = (
            lambda f=folder, n=name: f"Opening {f}{n} ({ids.number('size', 100, 99_999)} bytes)",
            lambda f=folder, n=name: f"System.IO.FileNotFoundException: Could not find file '{f}{n}'.",
            lambda f=folder, n=name: f"   at Desktop.Storage.Open(String path) in {f}{n}:line {ids.number('plain number', 10, 900)}",
            lambda p=pairs, s=style: joined(scene, p, "{k}: {v}", "key: value", mark=" | ", style=s),
            lambda p=pairs, s=style: joined(scene, p, "{k} = {v}", "key = value", mark="; ", style=s),
            lambda p=pairs, s=style: "ScreenPop [" + joined(scene, p, "[{k}, {v}]", ".NET dictionary", mark=", ", style=s) + "]",
            lambda p=pairs: "popup.exe --" + joined(scene, p, '{k}="{v}"', "command line", mark=" --", style="kebab"),
            lambda u=login: f"user {page.keyed('user', u, 'user …')} logged in at place {page.stay('plain value', f'Place_{dice.randrange(9999)}')} with DN {ids.dn()}",
            lambda: f"Loaded {page.stay('file name', 'Genesyslab.Platform.Voice.dll')} {ids.version()} at 0x{ids.hex('address in memory', 8)}",
            lambda: f"HRESULT 0x{page.stay('error code', hexes(dice, 8).upper())}, GUID {{{ids.guid()}}}, block {page.stay('block id', shaped(dice, '##################'))}",
        )  # fmt: skip
        page.add(
            f"{clock.stamp(dice.choice(['german', 'american', 'java']))} [{ids.number('thread id', 1, 90)}] {dice.choice(forms)()}"
        )
