"""Lines of sites that name things in their own way: other keys, languages, number plans and shapes."""

# ruff: noqa: E501 - lines of logs

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest

Mask = Callable[[bytes | str], str]

_BASIC = base64.b64encode(b"erika:geheim").decode()
_BASIC_LONG = base64.b64encode(b"svc-gms:Xq-superlongpassword").decode()

# A personal value stands between « and »; what is outside must stay.
PERSONAL = [
    # German
    "Kundenname=«Erika Mustermann», Status=aktiv",
    "\t\t'Kundennummer'\t'«K-4711-882»'",
    "Rufnummer: «030 901820417» Ergebnis: besetzt",
    "telefonnummer='«0171-2345678»' dauer=12",
    '{"anrufer":{"vorname":"«Jürgen»","nachname":"«Groß»","geburtsdatum":"«1980-02-03»"}}',
    "Strasse=«Ahornweg 12», Postleitzahl=«10115», Wohnort=«Berlin»",
    "Straße: «Ahornweg 12»",
    "Kennzeichen=«B-XY 4711»;",
    "Passwort=«Geheim!1» Versuch=2",
    "benutzername=«e.muster», rolle=agent",
    "Kontonummer: «0532013000»",
    "Versichertennummer='«A123456780»'",
    "<Ansprechpartner>«Herr Jürgen Groß»</Ansprechpartner>",
    # French
    "nom_client=«Dupont»; prenom_client=«Amélie»;",
    "numero_telephone=«0145678901» duree=33",
    '{"téléphone":"«01 45 67 89 01»","courriel":"«a.dupont@exemple.fr»"}',
    "mot_de_passe='«Soleil#42»'",
    "date_naissance=«12/04/1979»",
    "code_postal=«75011» ville=«Paris»",
    "<numeroSecu>«279047511012345»</numeroSecu>",
    # Spanish, Italian, Portuguese, Dutch
    "telefono=«912345678» estado=libre",
    "correo='«maria.lopez@ejemplo.es»'",
    "nombre_cliente='«María López»' apellido='«García»'",
    "contraseña=«Clave123» intento=1",
    "fecha_nacimiento: «1985-11-30»",
    "codice_fiscale=«RSSMRA85T10A562S»",
    "cognome=«Rossi», cellulare=«3331234567»",
    "telefone=«11987654321» senha=«abc123X»",
    "achternaam=«de Vries»; geboortedatum=«01-02-1970»",
    # English keys of every style
    '"FirstName":"«Mary»","LastName":"«O\'Hara»"',
    '{"caller":{"contact":{"first_name":"«Mary»","phones":["«+353861234567»","«+353871234567»"]}}}',
    '{"callerId":"«4155550143»","msisdn":"«491701234567»","ssn":"«219099999»","dob":"«1980-02-03»"}',
    "contact_phone=«(415) 555-0143»&plate=«7ABC123»",
    "MSISDN: «491701234567» IMSI: «262011234567890» IMEI: «490154203237518»",
    "LICENSE_PLATE = '«7ABC123»'",
    "customer.homeAddress.line1=«12 Maple Street»",
    "passport_no: «C01X00T47»",
    "subscriber=«491701234567» plan=gold",
    "billing_name: «Mary O'Hara»",
    "calling_party_number = «+15145550188»",
    "a_number=«4155550143», b_number=«4155550199»",
    "userPassword: «pa55w0rd!»",
    '<Contact phone="«4155550143»" fax=\'«4155550144»\' status="ok"/>',
    '<ns2:EmailAddress xsi:type="xs:string">«mary@example.org»</ns2:EmailAddress>',
    "<ani><![CDATA[«4155550143»]]></ani>",
    # URLs and bodies
    "GET /api/callers?firstName=«Mary»&lastName=«O%27Hara»&page=2 HTTP/1.1",
    "POST body: msisdn=«%2B491701234567»&email=«mary%40example.org»&lang=en",
    "callback=https%3A%2F%2F«crm.abc.example»%2Fcb%3Fphone%3D«4155550143»%26n%3D2",
    # SQL
    "UPDATE subscriber SET last_name='«O''Hara»', msisdn='«491701234567»' WHERE id=7",
    "SELECT * FROM kunde WHERE nachname LIKE '«Groß»' AND aktiv=1",
    "INSERT INTO kunden (id, vorname, telefon) VALUES (7, '«Jürgen»', '«030901820417»')",
    # credentials
    f"Authorization: Basic «{_BASIC}»",
    f'"Authorization":"Basic «{_BASIC}»"',
    f"hdr auth -> Basic «{_BASIC_LONG}» ok",
    "Set-Cookie: sid=«abcdef0123456789»; Path=/; HttpOnly",
    "x-api-key: «9f8e7d6c5b4a39281706»",
    "token=«eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJlcmlrYSJ9.c2lnbmF0dXJlMTIz»; next",
    "jdbc:postgresql://«db7.corp.local»:5432/gms?user=«gms»&password=«s3cr3t»",
    "ldap bind cn=«Mary O'Hara»,ou=staff",
    # network and machines
    "Connection refused: connect to «fd00:12:34::7» port 5060",
    "link-local «fe80::1ff:fe23:4567:890a» up",
    "peer «::ffff:192.0.2.44» gone",
    "eth0 HWaddr «00:1B:44:11:3A:B7» joined",
    "switch «001b.4411.3ab7» learned",
    'gps={"lat":«52.520008»,"lng":«13.404954»}',
    "lat: «52.520008», lon: «-13.404954»",
    r"trace written to D:\Profiles\Users\«mohara»\AppData\Local\Temp\x.dmp",
    r"share \\«filesrv01»\recordings\2023 mounted",
    "path=/Users/«mohara»/Library/Logs/x.log",
    "Jun  9 10:15:02 «sip-a01» sudo: «mohara» : TTY=pts/0 ; PWD=/opt ; USER=root ; COMMAND=/bin/ls",
    "Jun  9 10:15:02 «sip-a01» sshd[4211]: pam_unix(sshd:session): session opened for user «mohara» by (uid=0)",
    # text
    "java.lang.IllegalArgumentException: no such subscriber: «+34912345678»",
    "Caused by: com.x.CrmException: mail to «mary@example.org» bounced (CrmClient.java:88)",
    "caller «+33 1 45 67 89 01» hung up after 12 s",
    "dialing «+44 20 7946 0123»;ext=9",
    "customer says IBAN «FR14 2004 1010 0505 0001 3M02 606» twice",
    "amex «3782 822463 10005» declined",
    "\tAttributeExtensions\t[90] 00 02 00 00..\n\t\t'GSIP_CALLER_NAME'\t'«Mary»'",
    '_I_I_006c02462a161006 [09:04] ASSIGN: v_kunde_telefon(LOCAL) <- STRING: "«030901820417»"',
]

STAYS = [
    "@10:15:03.4412 [0] 8.1.103.95 send_to_client: message EventEstablished",
    "SIP Server version 8.1.104.10 (64-bit), built on libstdc++ 6.0.28.1",
    "URS 8.1.400.44 connected with Message Server 8.5.100.12",
    "User-Agent: Example/10.4.2.1 (build 20230609.4)",
    "\tAttributeConnID\t00e2029a670222cb",
    "\tAttributeCallID\t16778294",
    "\tAttributeReferenceID\t4155550143",
    "\tAttributeThisDN\t'7021'\n\tAttributeOtherDN\t'65200'\n\tAttributeThisQueue\t'8001'",
    "\tAttributeTimeinSecs\t1686305703 (10:15:03)",
    "\tAttributePropagatedCallType\t2",
    "To: <sip:7021@localhost>;tag=4155550143-a7",
    "Via: SIP/2.0/TCP localhost:5060;branch=z9hG4bK0A1B2C4155550143",
    "Call-ID: 4155550143-20230609-101502@localhost",
    "CSeq: 1686305703 INVITE",
    "Session-Expires: 1800;refresher=uac\r\nMin-SE: 90",
    "a=rtpmap:8 PCMA/8000\r\na=fmtp:101 0-15\r\na=ptime:20",
    "m=audio 16384 RTP/AVP 8 0 101",
    "object DBID=1027 type=CFGPerson(3) tenant DBID 101",
    "[T:2560] {ScxmlMetric:3} METRIC <state_enter sid='7C1QF2V5B57K1C9HGB2O1RVR4K000A2F' name='routing' />",
    "thread 140245678901234 (0x7f8d5c0a9700) waits 4155 ms",
    "Trc 33009 INFO 0268C3F4-100A2B7D 2816 08200BBA MPCMediaSink state=2",
    "uuid=3f2504e0-4f89-41d3-9a0c-0305e82c3301 rev 12",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "epoch 1686305703441 next 1686309303441 delta 3600000",
    "0000: 53 49 50 2f 32 2e 30 20 32 30 30 20 4f 4b 0d 0a  SIP/2.0 200 OK..",
    "checksum sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "\tat com.genesyslab.gms.rest.CallbackResource.create(CallbackResource.java:231)",
    "Caused by: java.net.SocketTimeoutException: Read timed out",
    "org.springframework.beans.factory.BeanCreationException: Error creating bean",
    "2023-06-09 10:15:03,441 WARN  [pool-4-thread-12] o.h.e.j.s.SqlExceptionHelper - SQL Error: 17002, SQLState: 08006",
    "GC pause 12.4ms heap 2147483648 -> 1073741824",
    "loaded /opt/genesys/sips_a/libtls.so.1.1.1 in 4 ms",
    r"File C:\GCTI\sips_a\sipserver.cfg line 118",
    'Int 04543 Interaction message "EventRouteRequest" received from 65200 ("SIPTS@3020")',
    "queue VQ_Billing_DE: 12 waiting, oldest 00:02:13",
    "server name lookup took 12 ms, user count 5, token bucket full, caller waits",
    "state: connected, mode: primary, role: backup, number of calls: 1201",
    "phone state changed: idle -> ringing",
    "customer journey step=3 of 7, account type=gold, contact center open",
    "port 5060, timeout 30000, size 1048576, code 404",
    "date=2023-06-09 time=10:15:02 zone=+02:00",
    "offset +02:00 drift +1.25e-05 gain +12.5 dB",
    "codec=PCMU ssrc=0x4155550143 seq=41555 ts=3735928559",
    "-Xmx4096m -XX:MaxMetaspaceSize=512m -Dport=8080",
    "route 2023/06/09 10:15:02 rule 100-200-3000",
    "name=routing type=strategy key=priority value=5 id=4155550143",
    "config: ani-mode=default, mail-enabled=true, password-policy=strict",
    "DTMF mode rfc2833, payload type 101",
    "Retry-After: 120\r\nExpires: 3600\r\nRSeq: 4155550143",
    "HTTP/1.1 200 OK 4155 bytes in 0.143 s",
    "[2023-06-09T10:15:02.118+02:00] pid=4211 tid=140245 lvl=INFO",
    "block 00112233445566778899aabbccddeeff done, crc 0xdeadbeef",
    "license 10.20.30 features=4155550143",
]


def _pieces(text: str) -> tuple[str, list[str], list[str]]:
    parts = re.split(r"[«»]", text)
    return "".join(parts), parts[1::2], parts[0::2]


@pytest.mark.parametrize("line", PERSONAL)
def test_what_is_personal_is_replaced_and_the_rest_stays(line: str, mask: Mask) -> None:
    plain, _, around = _pieces(line)
    token = r"(?:<[A-Z]+:[0-9a-f]{16}>)+"
    assert re.fullmatch(token.join(re.escape(part) for part in around), mask(plain)), mask(plain)


@pytest.mark.parametrize("line", STAYS)
def test_what_support_needs_stays(line: str, mask: Mask) -> None:
    assert mask(line) == line


@pytest.mark.parametrize("line", PERSONAL)
def test_masking_twice_changes_nothing(line: str, mask: Mask) -> None:
    once = mask(_pieces(line)[0])
    assert mask(once) == once
