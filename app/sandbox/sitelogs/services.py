"""Line shapes of Configuration Server, GMS, chat, workspace and the system log."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random
from urllib.parse import quote

from app.masking import Kind
from app.sandbox.sitelogs.call import Call, Hosts
from app.sandbox.sitelogs.people import Agent, Person
from app.sandbox.sitelogs.pieces import Line, Personal, Stays, line

Tick = Callable[[], datetime]


def configuration(random: Random, agent: Agent, hosts: Hosts, tick: Tick) -> Iterator[Line]:
    """Configuration Server: an object is changed."""
    at = f"{tick():%Y-%m-%dT%H:%M:%S.%f}"[:23]
    dbid = Stays(str(random.randrange(100, 9999)))
    yield line(
        Stays(at),
        " Trc 24215 There are [",
        Stays("3"),
        "] objects of type [CfgPerson] sent to client [",
        Stays(str(random.randrange(200, 999))),
        "]",
    )
    yield line("    attr: CFGPERSON_DBID   value: ", dbid)
    yield line('    attr: CFGPERSON_EMAIL   value: "', Personal(Kind.MAIL, agent.mail), '"')
    yield line('    attr: CFGPERSON_USERNAME   value: "', Personal(Kind.USER, agent.login), '"')
    yield line('    attr: CFGPERSON_EMPLOYEEID   value: "', Personal(Kind.USER, agent.employee), '"')
    yield line(
        f"{tick():%Y-%m-%dT%H:%M:%S.%f}"[:23],
        " Std 22138 Client application name [",
        Stays("wde"),
        "] logged in, user='",
        Personal(Kind.USER, agent.login),
        "', host ",
        Personal(Kind.IP, f"198.51.100.{random.randrange(1, 255)}"),
        ", version ",
        Stays("8.5.147.05"),
        ", password=",
        Personal(Kind.SECRET, _secret(random)),
        ", config host=",
        Personal(Kind.HOST, hosts.config),
    )


def system(random: Random, agent: Agent, hosts: Hosts, tick: Tick) -> Iterator[Line]:
    """The system log in both syslog forms."""
    at = tick()
    host = Personal(Kind.HOST, hosts.sip)
    peer = Personal(Kind.IP, f"192.0.2.{random.randrange(1, 255)}")
    login = Personal(Kind.USER, agent.login)
    if random.random() < 0.5:
        yield line(
            "<134>1 ",
            Stays(f"{at:%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z"),
            " ",
            host,
            " sshd ",
            Stays("4211"),
            " - - Accepted password for ",
            login,
            " from ",
            peer,
            " port ",
            Stays("51122"),
            " ssh2",
        )
    else:
        yield line(
            f"{at:%b} {at.day:2} {at:%H:%M:%S} ",
            host,
            " sshd[",
            Stays("4211"),
            "]: Failed password for invalid user ",
            login,
            " from ",
            peer,
            " port ",
            Stays("40022"),
            " ssh2",
        )
    yield line(
        f"{at:%b} {at.day:2} {at:%H:%M:%S} ",
        host,
        " kernel: [",
        Stays("441218.118"),
        "] eth0: link ",
        Personal(Kind.MAC, f"00:00:5e:00:53:{random.randrange(256):02x}"),
        " up, core saved to /home/",
        login,
        "/core.",
        Stays("4211"),
    )


def callbacks(random: Random, person: Person, hosts: Hosts, tick: Tick) -> Iterator[Line]:
    """GMS: log4j lines, a stack trace, headers of a web call."""
    at = f"{tick():%Y-%m-%d %H:%M:%S,%f}"[:23]
    thread = f" [http-nio-8080-exec-{random.randrange(1, 20)}] "
    yield line(
        Stays(at),
        " ERROR",
        thread,
        Stays("c.e.gms.CallbackService"),
        " - callback for ",
        Personal(Kind.TEL, _written(random, person.phone)),
        " failed",
    )
    yield line(Stays("java.lang.IllegalStateException"), ": no agent for ", Personal(Kind.MAIL, person.mail))
    yield line("\tat ", Stays("c.e.gms.CallbackService.start(CallbackService.java:118)"))
    yield line("\tat ", Stays("org.apache.http.conn.HttpHostConnectException.wrap(Wrap.java:77)"))
    yield line(
        at,
        " DEBUG",
        thread,
        Stays("c.e.gms.web.Access"),
        " - GET https://",
        Personal(Kind.HOST, hosts.web),
        "/genesys/1/callback?_phone_number=",
        Personal(Kind.TEL, quote(person.phone, safe="")),
        "&_customer_name=",
        Personal(Kind.NAME, quote(person.name)),
        "&attempt=",
        Stays("2"),
    )
    yield line("Authorization: ", Personal(Kind.SECRET, "Bearer " + _jwt(random, person)))
    yield line("Cookie: ", Personal(Kind.SECRET, f"JSESSIONID={_secret(random)}; theme=dark"))
    yield line(
        at,
        " INFO ",
        thread,
        Stays("c.e.gms.Storage"),
        ' - <callback id="',
        Stays(f"gms-{random.randrange(10**6)}"),
        '"><CustomerName>',
        Personal(Kind.NAME, person.name),
        "</CustomerName><latitude>",
        Personal(Kind.GEO, person.latitude),
        "</latitude></callback>",
    )
    if random.random() < 0.3:
        yield line(
            at,
            " WARN ",
            thread,
            Stays("c.e.gms.Forms"),
            " - form rejected, SSN ",
            Personal(Kind.ID, person.ssn),
            ", IBAN ",
            Personal(Kind.IBAN, person.iban),
            ", line ",
            Stays("441"),
        )


def chat(random: Random, person: Person, hosts: Hosts, tick: Tick) -> Iterator[Line]:
    """Chat: one JSON object a line."""
    at = f"{tick():%Y-%m-%dT%H:%M:%S.%f}"[:23]

    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=random.random() < 0.3)[1:-1]

    name = text(person.name)
    yield line(
        '{"ts":"',
        Stays(at + "Z"),
        '","level":"',
        Stays("INFO"),
        '","customer":{"phone":"',
        Personal(Kind.TEL, person.phone),
        '","email":"',
        Personal(Kind.MAIL, person.mail),
        '","name":"',
        Personal(Kind.NAME, name),
        '"},"session":"',
        Stays(f"{random.randrange(16**12):012X}"),
        '","msg":"chat started by ',
        Personal(Kind.NAME, name),
        '"}',
    )
    yield line(
        '{"ts":"',
        Stays(at + "Z"),
        '","level":"INFO","host":"',
        Personal(Kind.HOST, hosts.web),
        '","payload":"{\\"firstName\\":\\"',
        Personal(Kind.NAME, person.first),
        '\\",\\"accountNo\\":\\"',
        Personal(Kind.ID, person.account),
        '\\",\\"retries\\":',
        Stays("2"),
        '}","elapsed":',
        Stays(str(random.randrange(4000))),
        "}",
    )
    if random.random() < 0.2:
        packed = base64.b64encode(json.dumps({"email": person.mail, "phone": person.phone}).encode()).decode()
        yield line(
            '{"ts":"', Stays(at + "Z"), '","level":"DEBUG","attachment":"', Personal(Kind.KEYED, packed), '"}'
        )


def workspace(random: Random, call: Call, tick: Tick) -> Iterator[Line]:
    """The agent's desktop: PSDK dialect, paths with user names."""
    at = f"{tick():%m/%d/%y@%H:%M:%S.%f}"[:21]
    yield line(
        Stays(at),
        " [",
        Stays("UiThread"),
        "] DEBUG ",
        Stays("Genesyslab.Desktop.Modules.Core"),
        " - EventRinging",
    )
    yield line('\tAttributeThisDN [str] = "', Stays(call.agent.dn), '"')
    yield line('\tAttributeOtherDN [str] = "', Personal(Kind.TEL, call.caller.phone), '"')
    yield line("\tAttributeReferenceID [int] = ", Stays(str(random.randrange(10**4, 10**7))))
    yield line(
        at,
        " [",
        Stays("12"),
        "] INFO  loaded C:\\Users\\",
        Personal(Kind.USER, call.agent.login),
        "\\AppData\\Roaming\\wde.config, ComputerName=",
        Personal(Kind.HOST, call.hosts.desk),
    )


def _written(random: Random, phone: str) -> str:
    if phone.startswith("+1") and random.random() < 0.6:
        area, rest = phone[2:5], phone[5:]
        return random.choice(
            (
                f"({area}) {rest[:3]}-{rest[3:]}",
                f"{area}-{rest[:3]}-{rest[3:]}",
                f"+1 {area} {rest[:3]} {rest[3:]}",
            )
        )
    return phone if random.random() < 0.7 else f"{phone[:3]} {phone[3:6]} {phone[6:]}"


def _secret(random: Random) -> str:
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
    return "".join(random.choice(alphabet) for _ in range(14))


def _jwt(random: Random, person: Person) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    header, claims = part({"alg": "HS256", "typ": "JWT"}), part({"sub": person.mail})
    return f"{header}.{claims}.{_secret(random)}{_secret(random)}"
