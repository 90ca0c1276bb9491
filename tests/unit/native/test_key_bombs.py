"""Texts made of keys, notations and sentences to be slow are read in time that grows with their size and nothing else.

Processor time counts, not the clock: other work on the machine must not fail a test.
"""

# ruff: noqa: E501 - units read as a table

from __future__ import annotations

import pytest

from app.masking import load_rules
from tests.peers.core_detect import Core, Rules
from tests.peers.processor_time import kept, seconds_of

_SIZE = 100_000
_LEAST = 2_500_000  # bytes a second of processor time
_GROWTH = 5.2  # of four times the size
_SLACK = 0.015  # seconds
_UNITS = (
    b"Phone=", b"Phone=1", b"Phone: ", b"Phone:x", b"a b Phone=", b"Phone=Phone:", b"'Phone'", b"'Phone'='", b"'Phone' 'x", b"'Vorname''x|", b"'Vorname''x<TEL:0123456789abcdef>|", b"'Vorname'='cf-TEL-0123456789abcdefz",
    b'"Phone":"', b'"Phone":["', b'"Phone":["a",', b'\\"Phone\\":\\"', b"\\" * 8, b"AttributeANI'", b"AttributeANI ", b"Attribute", b"Phone%3D", b"Phone%253D%41", b"Phone%3D%22a", b"Phone=&quot;a ", b"&quot;Phone&quot;:", b"%22Phone%22%3A%22", b"\\u0022Phone",
    b"Phone -> '", b"(Phone)=((1)a", b"['Phone','", b"], [Phone, a", b"= &quot;a", b'\\"Phone\\":\\"a\\b', b"name='a Phone' ",
    b"Phone LIKE '", b"Phone IN (", b"Phone IN ('a','", b"Phone=['a',", b"Phone BETWEEN 'a' AND 'b", b" BETWEEN '", b"attr: Phone value: ", b"<Phone>", b"<Phone a", b"<a:Phone ", b"<![CDATA[", b"<Phone><![CDATA[x", b"name='Phone'", b"name='Phone' value='", b"name='Phone'>", b"<name>Phone</name>", b"<name>Phone</name><x>",
    b"expression='Phone=", b"expression='Phone' ", b"insert into t(Phone) values ('", b"insert into t(a,Phone,", b"insert into ", b"&lt;Phone&gt;", b"&lt;Phone ", b"\\u003cPhone\\u003e", b"name=Phone,", b"name=Phone,x=1,value=", b"name=Phone a=1 b=2 c=3 ", b"id:Phone  ,  ", b"put(Phone,", b'setPhone("Phone","', b"put(",
    b"number=", b"phone:{number=", b"phone:[{value:", b"{number=1", b"[{no:", b"id:123456", b"phone{id:1234567", b"((((no:", b"]]]]no:", b"Phone '", b'Phone "x', b"Phone Phone 'x ", b"Phone [", b"Phone [a] ", b"Phone[a]=", b"[Phone]=", b"x[Phone][", b"Phone(Phone(",
    b"Authorization: x,\n a=", b"Cookie: a", b"Cookie=[a];", b"Notes: a ", b"Note: a b=", b"Street: a, 1 ", b"Address: 12 Ab, 1 Cd, ", b"City=a HTTP/", b"Lat=1.23,", b"Lat=1\xb0 ", b"GPS=12.34 N ", b"Host=a.b-", b"AccountNo=A 1 2 3 ", b"AccountNo=1 ", b"CN=A-b-c d", b"Ort=Am-Am-Am-Am-", b"Strasse=A------------------",
    b"Nom='A%20B", b"Nombre=Ab+Cd ", b"UID=abc.", b"DOB='*", b"PAN='4 ", b"Email='%40", b"Email='@", b"Email=a", b"Phone='1a", b"Phone='a", b"Phone='<TEL:0123456789abcdef>", b"customer_name_work_home_", b"work_" * 20 + b"=", b"kundenkundentelefon=", b"\xc3\xa9=", b"Stra\xc3\x9fe=", b"\xe9" * 60 + b"=",
    b"user ", b"user a ", b"user 'a", b"agent a_b ", b"username name ", b"user mary has is was ", b"login a b by ", b"login for for for ", b"password for a.", b"connected to ", b"connected to a b ", b"lost from aaa aaa a-1:", b"host ", b"host a1", b"host a1a1a1a1", b"hostname a.1-", b"resolve host: ", b"ENOTFOUND a",
    b"login 1 from login from a for ", b"ftpd: [pid 1] [ftp [", b"sudo a sudo b [", b"D:\\home\\a\\profile\\", b"version value:1.2.3.4 ",
    b"A\\", b"AB\\ab.", b"AB-CD\\n", b"-u a ", b" -u a -p ", b" -pw ", b"jdbc:oracle:thin:a/", b"inline:AAAA", b"su: (to a) ", b" - a [0", b"Person name [", b"name=Ab Cd ", b"name='Ab", b'"name":"Ab Cd",', b"{name=Ab Cd ", b"[[name=Ab", b"<name>a", b"<a><name>b", b"<a><b></b><name>x</name>", b"<customer><x></x><last>y",
    b"Maria ", b"a Maria Gonzalez ", b"10:22 Maria Gonzalez joined 4711 ", b"agent Maria", b"a.muller ready ", b"petra.hansen ", b"Gonzalez, Maria ", b"call 4711 ", b"by Maria de de Lee call 12 ", b"Jean-", b"Maria van ",
    b"call from 1", b"Anruf von 0", b"callcallcall to 1", b"routed message to 12345678 ", b"passport A1 ", b"customer account 12345 6789 ", b"tax id number 1", b"0049 30 1", b"0171/234 5", b"/user/123456", b'" <123456', b"To: a\n <sip:", b"\n \n \n<sip:a", b"<a@b", b"<a.b.c", b"rfc2833 event ", b"dtmf by ab", b"10.1.2.3-", b"%4010.1.2.3", b"Server: 1.2.3.4 ",
    b"Phone:\\t", b"Phone:\\t\\t1", b"Phone=\\n", b"Phone=a\\x", b"Phone=a\\n\\t", b"\\tPhone Phone:", b"\\t10.1.2.3", b"Phone(1) =~ ", b"Phone( =~ ", b"Phone --> 1", b"GET //a/",
    b"Cookie=[", b"[Cookie=", b'\\"Cookie=\\"', b"}Cookie=token=&quot;", b"Cookie=a; path=1; ", b"Phone=geo:", b"geo:\\t", b"\\tgeo:", b"Address: ", b"Address: by ", b"Mr Address: ",
    b"%2522Phone%2522%253A%25221", b"&amp;quot;Phone&amp;quot;:&amp;quot;1", b"\\x22Phone\\x22:\\x221", b"%3CPhone%3E1", b"%3CPhone%3E%41", b"&amp;lt;Phone&amp;gt;", b"'Phone'(int)", b"S: L/ci(1,",
    b'"Phone";s:12:"1', b'"Phone"]=> string(9) "', b'"Phone": {"S": "1', b"('Phone', '1", b'Phone [1] 12 "', b'[1] 12 "', b"Phone(1) l=12 val=", b'setPhone("1', b'Phone: "1" -> "2', b'{"value":"1","name":"Phone', b'value="1', b"Phone=<<'", b"Phone-Phone '",
    b"O: D/1, D/2, L/hd, ", b"\nO: a,a,", b"Phone:\n 1", b"Phone:\n", b"\nname,phone,mail,tel\n\"1,",
    b'Maria Lee"name":"', b"Maria Lee name=", b"%40a.b-c",
    b"supervisor='", b"agent='Mary de la ", b"log_id='", b"^password=", b"a^password=Ab^cd=", b"user=a^bc=d^", b"user=a^bc=d ", b"Milton Keynes ", b" (name, email)=(Mary, ",
    b"password=a(b)c", b"password=a()", b"password=a(", b"password=" * 6 + b"a[1]", b"password=" + b"(a)b" * 20 + b" ",
    b"NAD+BY+++A B+C+D++1+DE'", b"NAD+BY+ ", b"COM+1:TE'", b"COM+1:TE+", b" COM+?", b"CTA+IC+:A'", b"NM1*IL*1*A*B~", b" NM1*IL*1*", b"PER*IC*A*TE*1*", b" PER*IC*A*TE", b"COM+x:", b"CTA+IC+:",
    b"insert into t(Phone) values (?) args=[1, ", b"insert into t(Phone) values (?)\nbinding parameter [1] as [A] - [1]\n", b"insert into t(Phone) values (?) args args args ",
    b"binding parameter [1] as [A] - [1] insert into t(Phone) values (?)\n", b"insert into t(" + b"a," * 500 + b"Phone) values (?) args=[" + b"1," * 250,
    b"insert into t(Phone) values (1),\n(", b"(insert into t(Phone) values (1),\n", b"insert into t(Phone) values (1),\n(1),\n(2),\n", b"\n(1),",
    b"\np=1", b"\ne=a (B)", b"v=0\np=1\ne=2\n", b'["Phone","', b'["Phone",1,', b'["Phone","1",', b"\nPhone,1,Fax,2,", b"Phone,1,", b'\n"Phone","',
    b"\n-[ RECORD 1 ]\nPhone | 1\n", b"\n-[ RECORD 1 ]", b"\n-[ RECORD 1 ]" + b"\nPhone | " * 20, b"Phone\\u003d", b"Phone\\u003d1", b"Phone\\u003d\\u0027a", b"Ort\\u003da b ",
    b"insert into t(Phone) values (?)\n[parameters: (1,", b"insert into t(Phone) values (?)\n [generated in ", b"\n [generated in [no key ", b'"Phone":{"old":"1","new":"', b'"Phone":{"old":"', b'"Phone":{',
    b"Phone=Optional[", b"Phone=Optional[1]", b"Optional[", b"'Phone': ['1", b"'Phone':['1'],",
    b"mysql -p", b"mysql -p1 ", b"mysql ", b"mysql - ", b"mysql -p'", b"\nmysql -p ", b";mysql -", b"\n" + b" " * 150 + b"mysql -", b"; exec a -- mysql -", b"sudo mysql -", b"bin/mysql -", b"/bin/mysql -", b"curl -ua", b"smbclient -U a", b"(CN=*A", b"version: 1.2.3.4 -> ", b"COM+1:TE+a@b.de", b"NAD+BY+1::9+",
)  # fmt: skip


@pytest.fixture(scope="module")
def rules(core: Core) -> Rules:
    return core.rules(load_rules())


@pytest.mark.parametrize("unit", _UNITS, ids=lambda unit: repr(unit[:24]))
def test_time_grows_with_the_size_of_a_bomb_alone(rules: Rules, unit: bytes) -> None:
    text = unit * (_SIZE // len(unit) + 1)
    longer = text * 4

    def linear() -> bool:
        once = seconds_of(lambda: rules.count(text))
        four_times = seconds_of(lambda: rules.count(longer))
        return four_times <= _GROWTH * once + _SLACK and len(longer) >= _LEAST * four_times

    assert kept(linear)
