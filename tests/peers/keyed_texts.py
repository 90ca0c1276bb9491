"""Pieces of every notation of keys and values, to be glued together at random."""

# ruff: noqa: E501 - pieces read as a table

from __future__ import annotations

import base64

KEYS = (
    "sn", "SN", "given", "Given", "전화번호", "이름", "フリガナ", "เบอร์โทร", "ที่อยู่", "ｐｈｏｎｅ", "Server", "Client Address", "Account Name", "New Logon", "cc-1",
    "Phone", "phone", "v_Phone", "PHONE_NUMBER", "phone2", "ANI", "cli", "OtherDN", "DNIS", "Caller", "caller", "To Number",
    "CustomerName", "Customer Name", "customer_name", "First Name", "Vorname", "CNAM", "cn", "CN", "xCN", "Kundenname",
    "Email", "e-mail", "E-Mail Address", "Mail", "Courriel", "User", "user_id", "UID", "Login", "AgentID", "Agent ID",
    "Password", "pwd", "PIN", "Token", "nonce", "SessionKey", "Authorization", "Cookie", "Proxy-Authorization",
    "AccountNo", "Kontonummer", "SSN", "VIN", "Ticket No", "CardNumber", "Card", "PAN", "IBAN", "BIC",
    "Street", "Straße", "Strasse", "City", "Zip", "Address1", "DOB", "Geburtsdatum", "date_naissance", "BirthDay",
    "Lat", "Latitude", "LatLong", "GPS", "DTMF", "Digits", "UserInput", "Host", "host", "ServerName", "Realm", "data source",
    "Notes", "Note", "Remark", "Salary", "Gender", "téléphone", "te\u0301le\u0301phone", "PHONE", "Größe",
    "UserAgent", "FileName", "CallUUID", "ConnID", "SessionId", "QueueName", "UserData", "RemotePort", "AddressType",
    "x", "key", "name", "value", "status", "result", "Telephones", "Phoneme", "a.b.Phone", "$Phone", "@Phone", "Phone-",
    "Phone_", "Phone.", "callData.Customer.Phone", "_data.Phone", "msg_Phone", "one two three Phone", "Home  Phone",
    "oneTwoThreeFourFiveSixSevenPhone", "oneTwoThreeFourFivePhone", "K" * 63, "K" * 64, "K" * 65, "k" * 59 + "Phone", "k" * 60 + "Phone",
    "Phone " + "k" * 59, "é" * 30 + "Phone", "NameOfCustomer", "CUSTOMERName", "XMLHTTPPassword", "Phone1x", "1Phone", "12", "",
)  # fmt: skip
_SIGNS = (
    ":[6] '", " :[12] \"", ":[6]'", ":[x] '", "\": [\"", " value=\"", " value='",
    "=", "==", "===", "!=", "!==", "=>", "<-", "->", ":", "::", ": ", " : ", ":\t", " = ", "\t=\t", " == ", "=\t", ":=", "= ", "    =    ", "     =     ",
    "\": \"", "\":\"", "\":", "\" : ", "':'", "':", "' '", "'\t'", "' => '", "' -> ", "' = ", "' [str] = \"", "'\t[int]= ", "' [", "' [x] ", "'(list)",
    "\\\":\\\"", "\\\": \\\"", "\\\\\\\": \\\\\\\"", "\\\":", "\\" * 8 + "\":" + "\\" * 8 + "\"", "\\" * 9 + "\":\"", "%3D", "%3d", "%3D%22", "%26", "%20", "%",
    " LIKE '", " like '", " ILIKE  '", " Like '", " LIKE N'", " IN ('", " in (", " In(", " iN ('", " IN     (", "', '", "','", "), (", ")", "(",
    " -> '", " -> \"", "->'", "'] ->  \"", ")=(", ")=((12)", "', 'x'] = ", "(Data, '", "', '", "','", "']", ", ", "], [", "]]", "[[",
    "(LOCAL) <- ", "(LOCAL) = ", "['", "']", "'] = '", "[\"", "\"] = \"", "\"]=", "[0] = ", "[", "]", "] =", "(", ")", ") = ", "{", "}", ",", ", ", ";", "|",
    " value: ", " value:", "attr: ", "attr:", "  value:  '", "Attribute", "\tAttribute", "xAttribute", " [str] = \"", "[long] = ", "\t'", "AttributeAttribute",
    "<", ">", "/>", "</", "<ns:", "<a-b:", "<-x:", " a=\"b\">", ">\n\t", ">\r\n  ", "><![CDATA[", "]]>", " xmlns='u'>", "<!-- ", "</name><value>", "</key> <string>",
    "<name>", "<key>", "<Name>", "<Key>", "<NAME>", "</name>\n  <value>", "</key>\n<!--", "\"><value>", "\" value=\"", "' expr='", "\" val='", "\" type='s' value=\"",
    "name=\"", "key='", "id=\"", "attr=\"", "location='", "param=\"", "field='", "var=\"", "xname=\"", "name = \"", "\">", "'>", "\" />", "' expr=\"'", "'\"/>", "\" x>\n<y>",
    "expression='", "' result='", "=' result='", " = x'  result='", "=='\tresult='", "' result=\"", "expression='a[0].", "$.", "[0]='   result='",
    "insert into t (", "INSERT INTO [dbo].\"t\" (", "Insert  Into\nx(", ") values ('", ") VALUES (", ") Values\n(", "xinsert into t(", "insert into t(a,Phone,Name) values (1,'",
    "insert into t(Phone, CustomerName , \"t\".\"Email\",[Host]) values ('a''b', N'", "', N'", ", null, ", "''", ",'", "'),('", "') , ( '",
)  # fmt: skip
_VALUES = (
    "김민수", "amd64 (3.0-12", "::ffff:10.1.2.3 Client Port: 5", "2001:db8::7 x", "mohara Supplied Realm Name: ", "Account Name: x", "de Vries Realm: ", "tserver_01",
    "TO_DATE('1971-03-19','YYYY')", "UPPER('Meier')", "x.nextval()", "5432",
    "4155550143", "+49 171 2345678", "(030) 1234567", "(0)30 1234-567", "7021", "12", "1", "0171-2345678 x", "415 555 0143 12345 99", "1.2.3", "8.1.103.95",
    "Mary", "Mary O'Hara", "Mary O''Hara", "O\\'Hara", "O'", "'Mary'", "\"Mary\"", "&quot;Mary&quot;", "&apos;x&apos;", "&#39;Mary&#39;", "&#34;y&#34;", "Müller, Jürgen", "Zoë Brandt Ann Lee Max",
    "mary@example.org", "mary%40example.org", "svc-gms", "root", "nobody", "SYSTEM", "unknown", "Null", "[output suppressed]", "n/a", "***", "xxxx", "*" * 65, "x.#-",
    "sip:mary@example.org", "<sip:4711@10.1.2.3:5060>", "tel:+4930", "TEL:1", "_event.data", "session.x", "system.y", "$x", "12 Main Street", "Ahornweg 12, 10115 Berlin", "Springfield US=1",
    "52.52, 13.40", "52.52;13.40512", "-52.520008 , -13.4", "http://a/b", "pcscf01", "pcscf01.example.com", "pcscf01:5060", "[2001:db8::7]:80", "10.1.2.3", "10.1.2.3:80/", "host/", "localhost", ".genesys.com", "-h-",
    "AB 12-3 CD", "123 456 789;", "123 456 x", "true", "1.5e+10", "-17", "-", "0", "1,2", "2023-01-02", "19800203",
    "Digest realm=\"x\", nonce=\"y\",", "a=b; c=d", "Basic " + base64.b64encode(b"mary:secret1").decode(), "user called, Phone: 1 and x=2", "STR: '", "STR:\"", "CHAR:  x", "UPPER('", "N'", "b\"", "u'", "xU'", "to_date('", "LONGERTHANSIXTEENLETTERS('", "SIXTEENLETTERS_X('",
    "[\"a\", \"4155550143\"]", "[\"Mary\\\"x\", 1, [\"b\"]]", "[1,2]", "<TEL:0123456789abcdef>", "<NAME:0123456789abcdef>", "cf-TEL-0123456789abcdefz", "0123456789abcdef>", "a" * 64, "9" * 41, "word " * 14, "b" * 300, "c" * 2050, "d" * 130,
    "0" * 40, "€uro", "\x80", "é", "\u00a0", "%20", "%41%42", "%zz", "%26", "%3Bx", "%27", "&amp;", "&", "?", "#", "/", "\\", "\\\\", "\\\"", "\\'", "`", "~", "^", "_", ".", "..", "...", "-", "--",
)  # fmt: skip
_BLANKS = (
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\n\t",
    "\r\n ",
    "\n ",
    "\0",
    "\x0b",
    "\x0c",
    "\x1c",
    "'",
    '"',
    "''",
    '""',
    "'\"",
    " ",
    "=",
    ":",
    ",",
    ";",
    "\n\talgorithm=",
    ',\r\n nonce="x"',
    ",\n\tqop=auth,",
)
_BYTES = (
    b"\xff",
    b"\xe9",
    b"\xc3",
    b"\xa4\xf6",
    b"M\xfcller",
    b"Stra\xdfe",
    b"T\xe9l\xe9phone",
    b"\xc3\x28",
    b"\xf0\x9f\x98\x80",
    b"\xed\xa0\x80",
    b"\x8aPhone",
    b"\xc4\xb0ban",
    b"\xcc\x81",
)

SHAPES = (
    "To: \"Mary O'Hara\" <sip:mary@example.org;user=phone>", "sip:+4930901820417@10.1.2.3:5060", "Via: SIP/2.0/UDP 10.1.2.3;branch=z9;received=10.2.2.2", "Call-ID: a1@host7", "o=mary 1 2 IN IP4 10.1.2.3",
    "c=IN IP4 10.9.9.9", "Signal=5", "dtmf digit '5'", "Accepted password for mary from 10.1.1.1 port 22", "/home/mary/x", "C:\\Users\\mary\\x", "\n2026-01-01T10:00:00.000 Standard sip-a01 urs GCTI-00",
    "DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111", "219-09-9999", "00:1b:44:11:3a:b7", "2001:db8::7", "version 8.1.103.95", "peer 8.1.3.5:5060", "web.example.com", "//web/x", "\\\\srv\\x",
    "called +49 30 901820417", "call from 4155550143", "(415) 555-0143", "geo:52.52,13.40", "\"customer\":{\"name\":\"Mary\"}", "Bearer abcdefghijkl12", "http://u:p@h/", "%2Fweb.example.com", "uri=sip%3A4711%40h",
)  # fmt: skip

PLACES = (
    "login for ", "Logon by ", "password reset for ", "Sign-in of ", "signin by ", "logout of ", "authentication failed for ", "for access by ", "login login by ", "mary.ohara\\x", "bob.", "j.d", "al", "invalid", "agents", " work state x", " status ", "'s mode ",
    "connected to ", "Listening on ", "connection with ", "switch over at ", "lost from ", "opened on the primary ", "unregistered at host ", "failover to", "sip-a01:5060", "(db1:1433", "'h-1:80'", "srv:80", "x1:123456", "b2:9", "machine pc-01 ", "Computer 'X1'", "COMPUTER lap7=",
    "'erika@example.org", "o'mary@example.org", "7'b@c.de", "(b@c.de", "join: a@b.de", "Target-Dialog: x1@h.de", "\nJoin:a@h1", "\nTarget-Dialog: a@h.b", "://:pw@h", "c:\\users\\mary\\", "users/mary", "<sip:conf:x@h>", "sip:dialog:1@h", "sip:ivr:pw@h",
    "0049 30 123456", "0049/171-2345678", "00 49 30 1234567", "00 1 212 5550143", "0171/2345678", "0171/234 56 78", "0171/234-567890", "00491", "0171/", "\"Mary\" <4930123456>", "\"x\"<+4930123456>", "<1234567>", "\" <12>", "To: Mary <4930123456>",
    "/customers/4711882", "/phones/+4930123456?", "/party/%2B49301234567/", "/partyes/0301234", "/users/123456x", "/ani/123456789 ", "/account/", "oracle 10.2.0.4", "Section 1.2.3.4", "OID 1.3.6.1", "nginx 1.2.3.4",
    "Anruf von ", "R\u00fcckruf an ", "gespr\u00e4ch f\u00fcr ", "appel de ", "llamada a ", "liga\u00e7\u00e3o para ", "chamada \u00e0 ", "oproep naar ", "SMS voor ", "message do ", "rerouting ", "forwarded ", "dial string: ", "Caller ID ", "clid ", "for ", "von ", "an ", "call ", "numbers: ", "from numbers ", "03012345", "00012345678", "+4930123", "1234567",
    "contacts\": [{\"name\": \"Mary Poe\"", "users=[ (name: 'x'", "agent: {a: 1, b: [{name=Bo", "[{", "}, {", "]", "name: Mary Poe, phone: 1", "?x=1&name=Mary+Poe&phone=2",
)  # fmt: skip
ENCODED = (
    "=&quot;", " == &quot;", " != %22", "=== \\u0022", "!==&#34;", "name=\"Gps Lat\" value=\"", "id='First Name' expr=\"", "\\\"City\\\":\\\"a\\\\b", "\\\"Phone\\\" : \\\"1\\n2", "\\\"", "['City','", "[[City, ", "], [Phone, ", "]]", "(City)=(", "f(x, 'City') = ", "&quot;", "&#34;", "%22", "\\u0022", "&quot;:", "&quot; : ", "%22%3A", "%22%3a%20", "\\u0022:", "&#34;:+", "%3D%22", "%3d&quot;", "=%22", "=\\u0022", "%253D", "%253d", "%2526", "%2522", "%27", "%27x", "%253B", "%20", "?", "&",
    "=['", "=[", "', '", "']", "=[\"", " BETWEEN '", " between  '", "' AND '", "'\tand '", "' AND ", " HTTP/1.1", "= HTTP/1", "{x}", "%name%", "%s", "0x1f", "cn=Mary,ou=x", "UID=7", "12.5%", "12%", "1.25", "DEUTDEFF", "COBADEFFXXX",
    "52\u00b0 31' N, 13\u00b0 24' E", "52.52 N / 13.40 E", "(52.52)", "'52.1", "-52.52,13.4", "5", "12 Maple St", "Maple Street 12", "Am-Alten-Weg 5b", "Rue+de+Lyon%204", "12a, Main", "maple 12", "mary.ohara", "4mary", "m.o@x", "+49 171 23456", "%2B4917123456",
    "0171 234567", "(0171) 23456", "0049171234567", "4155550143", "2125550143999999", "Mary%20Ann", "M\\u00fcller", "O'Hara, Mary", "\\u00c4rger", "started", "sip-a01", "host on fire", "not given", "see below",
    "&lt;Phone&gt;4155550143&lt;/Phone&gt;", "&lt;a:City x&gt;", "\\u003cEmail\\u003ea@b.de", "\\\\u003CCity\\\\u003E", "&gt;", "\\u003e", "&lt;", "name=Phone, value=", "key: 'Email'; value: '", "\"type\":\"City\",\"textValue\":\"", "column=Zip x=1, VALUE=", "code Zip;val=", "attribute=DOB y='2', content=\"",
    "put(\"Phone\", \"", "setHeader('Email','", "addParam(City , ", "withUser( Name,", "attachX(Zip,", "update(\"DOB\" , 1980", "account\": {\"number\": \"", "card: {no: ", "customer={id=", "phone\": [{\"value\": \"", "address(line1=", "passport: { \\\"number\\\": \\\"", "birth [date: ", "order {ref: ", "number=", "\"no\":", "value: ", "id: 12345678", "code='x",
    "Phone '4155550143'", "Kunde \"Mary\" ", "First Name 'Mary'", "customer name \"x\"", "City [Paris]", "Phone ['1']", "Caller [\"x\"] =", "Agent ID [mary]", "x.City [a]",
)  # fmt: skip
SENTENCES = (
    "called ", "call from ", "call back on ", "call-back to: ", "callback 'x", "calls to ", "transferred to ", "redirect message from ", "ringing at ", "sms sent to ",
    "texted message on ", "connector to ", "phone number: ", "Telefonnummer # ", "fono no. ", "tel\u00e9 nr: '", "numéro ", "número party ", "móvil is ", "anrufer ist ", "cli ", "fax ", "Handy: ",
    "to ", "from ", "number ", "-to ", "To: ", "subscriber ", "0,004930901820417", "9,2125550143", "12,0171", "9,1234567", "41555501", "4155550143", "030 9018204", "(030) 901820",
    "passport no. ", "passport C01X00T47", "Tax ID number ", "tax ", "customer account ", "driver's licence: ", "DNI ", "steuer-id ", "NINO QQ 12 34 56 C", "id card ", "social security number ",
    "12345678Z", "AB 123456 7", "12 3 4567", "AB123.45x=", "A12B3 99 8", "number 12345", "X", "B 1",
    "%4010.1.2.3", "%3A10.2.3.4:5060", "%2F8.1.103.95", "10.2.3.4-10.2.3.9", "6.1.2.3-x", "-10.2.3.4", "upgraded from ", "migrating ", "Server: ", "\nUser-Agent: Yealink ", "X-Powered-By:", "66.84.0.15", "8.5.300.21",
    "Chrome/", "file:///C:/Users/mary/x", "///", "//", "server ", "client ", "lib", "release ",
    "From: Mary\r\n <", "from=\"Mary O'Hara ", "(Ann Poe", "x=\"Zo\u00eb ", " Poe ", "[Ann ", "<sip:4711@h>", "Cc: Mary Poe <", "Sender: \"Mary\n O'Hara\"\n\t<", "To: a <b@c.de>, Zoë\n <", "<mailto:", "<mary@example.org>", "<a.b+c@x-y.", "<MAIL:0123456789abcdef>", "<sip:header name=", "</sip:header>", "<sip:a.b ", "<sip:4711>",
    "\n \"x\" <sip:", "\r\n\t", "\n \n \n <sip:1@h>", "telephone-event ", "telephone-event: 5", "rfc2833 event = #", "RFC 4733: 7", "rfc 2833 digit 1 ", "rfc2833",
    "dtmf digit | 5", "digits dialed by agentname: 12", "digit pressed by a 5", "DTMF received by callers ['9'", " is", " event", " by system", "'#'", "*",
)  # fmt: skip
WORDS = (
    "<given", "<birthDate", "<value", "mary@crm LOG: ", " => mary <mary@", " H=(pc-1) [10.1.", "pam(", "imap(mary): ", "mary,10.1.2.3", "%MIVR-X: ", "Resource: ", "resourceId=",
    "User@Host: a[b] @ c [", "User@Host: ", "mary[mary] @ ", " [10.1.2.3]", "/finesse/api/User/", ",corp\\mary,", "master ", "node ", "redis-1:6379", "00C80548656C6C6F", "message-id=<",
    "FAILED LOGIN 1 FROM 10.1.2.3 FOR ", "login from h for ", " FOR ", "vsftpd[12]: [", "ftpd: [pid 12] [", "ftp - 12: [", "] OK LOGIN", "] FAIL", "] FTP x", "sudo 18054 - - ", "sudo a b [c=\"d\"] ", "sudo: ", "sudo[12]: ", " : ", "NORD\\carlos : ",
    "Profiles\\", "home$\\", "D:\\home\\", "\\Benutzer\\\\", "Dokumente und Einstellungen\\", "Anv\u00e4ndare\\", "userdata$\\", "mohara\\", "Default\\", "\nHost: web01:8080", "\nhostname: a:1:2", "\nHost:\tx[1]", "file://music/", "file://web01/", "app.dll 8.1.1.4", "VERSION   value: 8.1.1.4",
    "user ", "User 'mary'", "user \"Mary Poe\"", "username [mary] ", "userid mary", "user ID mary.poe ", "Agent (x) ", "agent ", "AgentID ", "agent login j.doe", "operator ", "Account ", "employee id ", "supervisor", "person ", "USER ", "AGENT name ",
    "mary", "mary.", "m_group", "j.doe@corp\\x", "Mary Poe", "mary poe", "123456", "1234567", "status", "Login", " logged in", "'s logged-off", " has now not ready", " (123) is unknown", " failed", " Ready", " NotReady", " on 7", " was connected",
    "invalid ", "for ", "of ", "by ", "logon ", "disconnected from ", "authenticating ", " for  ", "'", '"', "[", "]", "(", ")", "-u mary", " --user=mary -p x1", "\n-login x -password=y", " -pwd secret", " --pass  -x", " -u -x", "\t--usr 'x",
    "jdbc:oracle:thin:scott/tiger@h", "jdbc:oracle:oci8:a/b", "://a:b@", "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", " inline:", "su: (to root) mary on ", "su[12]: (to mary) bob on none", " - mary [10/Oct/2000:13:55:36", " - - [01/Jan/2020:", " - a b [",
    "Person] name: [mary]", "Person, user name=[mary", "Person username [x]", "CORP\\mary", "A-1\\nancy", "HKLM\\x", "user AB\\tom.p(", "logged in CO\\bob$", "domain X9\\rex:", "DOM\\user.name(", " -l 7260@lic1", "-lmspath=27000@lic.corp", "license_file : 7260@h", "LICENCE-FILE=1@h",
    "java.net.UnknownHostException: db-1", "ENOTFOUND web.x", "EAI_AGAIN 'h1'", "could not resolve host: api.x", "Resolve hostname: \"q", "host db01 ", "Host 'db'", "hostname srv-a.b_", "host a.b", "host name ", "host x1_y2-", "host host-1 ", "the host a1.host 'x'",
    "Skill>5@StatServer.GA", "x@y.VQ", "name=", "name: ", "\"name\": \"Mary Poe\"", "'first' : 'Mary'", "\\\"name\\\":\\\"Mary Poe\\\"", "name='Mary O'Hara'", "full=Mary Poe", "last:Poe", "display = Ann", "customer{", "\"caller\":{", "contacts: [", "Agent(", "}", "agent = {name=", "user\": [{\"",
    "?name=Mary+Poe&", "&name=Mary%20Poe", "phone=", "\"email\":", "dob:", "<customer>", "<ns:Caller a='b'>", "<caller/>", "</customer>", "<name>Mary</name>", "<x:last>Poe<", "<full>", "<first>M", "<person\n>", "<contacts>",
    "=" + base64.b64encode(b"to erika@example.org, hello").decode(), "=" + base64.b64encode(b"sip:alice@example.com hello").decode() + "x",
    "&lt;phone&gt;4155550143&lt;", "\\u003cEmail\\u003ea@b.de\\u003c", "&lt;", "&gt;", "\\u003C", "\\\\u003e", "name=Phone value=", "\"key\": \"Phone\", \"value\": \"", "field: Vorname; type=x, textValue='", "code=DOB, val=", "column='Email' VALUE=\"", "type Phone value ",
    " for user mary(uid=7) by ", " for user ", "bob(uid=1000)", "(uid=", " by ", " su for oracle by ", "PWD=/home/", "pwd: /opt/x1", "/logs", "<USER:0123456789abcdef>", "/", "Customer Name: Mary ", " First name: ", " Phone Number=", "Ann City : ", " Huber",
    "\"name\":\"\\u0141ukasz", " Garc\\u00eda\"", "\\u00C9", "\\u01", ",\"phone\":\"1\"", "{",
    "put(\"Phone\", \"", "setCustomerName('", "set(Phone, ", "attach( 'ANI', 4155550143)", "withUser(\"Email\" ,", "addX(", "Phone [4155550143]", "phone ['4155550143']", "Caller [Mary] = ", "user [\"x\"", "x.Phone [1]",
)  # fmt: skip
NAMES = (
    "Maria", "Maria Gonzalez", " Jean-Luc", "Luc", "van der Berg ", "de ", "O'Hara", "McAllister", "KOWALSKA", "MARIA GONZALEZ ", "Jos\u00e9 ", "\u0141ukasz Mazur", "Grace Miller", "Victoria ", "Station ", "Gonzalez, Maria", "van den Berg, Pieter ",
    "petra.hansen", "thomas_berger", "jean-luc.picard2", "k.muller", "anna.wav", "\n10:22:31 ", "\n[", "] ", "agent ", "supervisor: ", "assigned to ", "queue ", "by ", " (", "(", "\"", " joined", " has logged", " not ready", " wrote", " Queue",
    "conference 4711", "call #88123 ", "ticket (12", "4711 ", " 1996 ", "  ", " <", "  <", ", ", "12.5", "2024", " 33 s", "FooBar ", "INFO ", "<NAME:0123456789abcdef>", " <NAME:0123456789abcdef>", "cf-NAME-0123456789abcdefz ", "x" * 60 + " ", " ",
)  # fmt: skip

# values by their place in records of switches, web servers and databases, in cells and elements
RECORDS = (
    "\n2024/03/12 15:31:00,00:02:11,6,", '\n"2024/03/12 15:31:00","00:02:11",6,', "493069201845", ",I,", ",O,", "8005,", ",", ",0,1000117,0,", "E71204,", "V9502,",
    "Mary Lamm", "Sales Queue", ",Ext.8", ";", ";Ext.70", "\n2024-03-12 15:40:01 ", "10.0.0.2 ", "GET /", "POST /a ", "- ", "443 ", "CORP\\mohara ", "203.0.113.7 ",
    "duplicate key value is (", ", ", ")", ":1='", "' :22='", "$1 = '", "'", "name={", "Pwd={", "hunter2x", "}", "<td>", "</td>", "Password", "User", "</tr>", "mohara",
    '<caller name="', '<user-agent x="1" name="', '"', '{"callerDetails":{"name":"', "call from ", "customer ", "caller ", " (4930", "geb. ", "ur. ", "am ", "23.04.1979",
    "agent ", "user agent ", "A48213", "emp48213", "gps ", "lat/lon ", "39.4699,-0.3763", "your code is ", "ihr tan ", "482910", "from=", "sig=",
    "(account_no ", ", phoneNumber ", "(session_id ", "(pbxLogin ", ", _id ", "+4930901820417)", "pc.1@x,", "CHAP-Password = 0x", "0123456789abcdef0123456789abcdef", "agent \"", "User '", "Mary Major\" (id ", "Mary Major' (", "Major, Mary\" (login ", "m.major)", "55120)", "ready)", "{Name:", "Ann Lee Phone:7 ", " Phone:", "name=Ann:x Lee b:c", "\n", " ",
)  # fmt: skip

# who signs, names of recordings, rows of words with brackets, what a database has already
CLOSINGS = (
    "Regards,", "regards", "Best regards, ", "Cordialement", "freundlichen Gr\u00fc\u00dfen", "freundlichem Gruss,", " ", "\n", "\r\n", " \n", "\\n", "\\r\\n", "Mary Major", "Ursula von der Leyen",
    "Petra", " de ", "Customer Care", "Example GmbH", "'", ",", ";", "<", "_", "-", "+4930901820417", "4930901820417", "4155550143", "14155550143", "030901820417", "0049301820417", "7021", "20260301", "1763123456",
    "20261112091422", "2611120914", "011226091422", ".12", ".", ".wav", ".mp3", ".opus", "rec", "550e8400-e29b-4144-4716-446655440000", "a", "\u00e9", "/", " mac=", "deviceMac\": \"", "MAC Address: ", "hmac=", "chaddr='", "0255ab12cd3f",
    "0255AB12CD3F", "333300000001", "User(", "Host(", "MCAUSER(", ") ", ")  ", "Class(", "mohara)", "pc-1)", "x y)", " (email, name)=(", "Key (", "last_name, ", "email", "tenant_id, phone", ")=(", "a@b.de, ", "Major", "7", ")",
    "Duplicate entry '", "' for key 'uk_login'", "' for key 't.phone_unique'", "constraint 'UQ_Agent_Login' ", "index 'ix_queue' ", "duplicate key value is (", "phone\"]=> string(5) \"", "name: string(4) \"", "string(", "user=", "^", "^src=", "^a=", "x^y",
    "agent='", "Gudrun van der Berg'", "supervisor=Juan de la Cruz", "[name=", "bind dn=\"cn=", ",ou=x\"", " location 1.00000, 2.00000", "alias=DB2001",
    "E-Mail von ", "Von ", " <m.major@example.org>", " <a+b%c@x", " <@x", "\"Major, Mary\"", "agent=\"", "van den Berg, Mary Ann\"", "emp='Calls, Outbound'", "|SPOK=", "|RAWT=", "mary major|", "|CNTNT=x", " (user ", "(login ", ", employee_id ", "agentId ",
    "mohara7", "55120", "403", "x)", ", x", "home$\\", "\\\\fs01\\Profiles$\\", "mohara.txt", "call me back on ", "sender ", "9011493023125131", "9011493023125131442", "recipient='Jos\u00e9 Lopez'", "sig=", "SGVsbG8gd29ybGQg",
    "Token(", "Line(3)", "main() ", "Red Hat", " <root@", " Corporation", "Ready, Idle\"", "London, Mary\"", "7.52.0)", "v6.0)", "S-1-5-19)", "Greater Than\" (", "(user_id ", "1001,", ", user_id 1001)", "(auth_token ", "a1b2c3d4e5f6)",
    "digest ", "mac: ", "25032026142233", "0301091422", "0103261430", "0100200300", "4155550144", "1080", "001", ".mp4", ".webm", "Deutsche Telekom", "csid: ", "20260301101112", "user cpu2)", "login ver8.1,",
)  # fmt: skip

# keys and values in turn, rows and parameters of statements, segments of EDIFACT and X12, lines of SDP, brackets, formats
FORMS = (
    "[\"CustomerName\",", "[\"phone\",", "['last_name',", "\nphone,", "\nCustomerName,", "\"Mary Major\",", "'Major',", "\"4711471147\",", "4711,", "Mary Major,", "\"AccountNo\",", "'phone',", "phone,", "\"state\",", "\"open\"]", "'7']", "\"\"]", "]", "\n", "\r\n", ",", " ", "\"String\",", "varchar(20),", "text1,",
    "insert into t (last_name, phone) values (", "INSERT INTO t(phone)\nVALUES\n    (", "?", "?, ?)", "$1, $2)", ":a, %s)", "'Major', '030 901820417')", ",", ",\n(", "\n, (", ")", ";", " params: [", " [params=(", "args={", "\"Major\", ", "'Major',", "7, ", "null", "]", ")", "}", "\nbinding parameter [1] as [VARCHAR] - [", "\nx binding parameter (2:BIGINT) <- [", "030901820417]",
    "NAD+BY+++", "'NAD+DP+7::9+", "MARY MAJOR", "O?'MAJOR", "+", ":", "'", "LINDENALLEE 17", "CTA+IC+:", "COM+", "?+4930901820417", ":TE", ":EM", "m@a.de", "NM1*IL*1*", "NM1*PR*2*", "*", "MAJOR*MARY", "***MI*", "~", "PER*IC*", "*TE*", "4155550143", "*EM*",
    "v=0\n", "o=a 1 1 IN IP4 10.1.2.3\n", "s=-\n", "e=", "p=", "\np=", "+49 30 901820-417", "(212) 555-0153", " (Mary Major)", "Mary Major <", ">", "\nm=audio\n",
    "password=", "password: ", "abc", "ab1", "getpass", "a_b", "os.env", "(", "()", "(9)", "[x]", "{c}d", "(expired)", ".x", "z", "%s", "%1$s", "%(a)s", "%{a.b}", ":phone", "\"%s\"", "phone=",
    "\n-[ RECORD 1 ]", "---+---\n", "\nlast_name | ", "\nphone     |", "\n     | ", "\nname | ", "lastName\\u003d", "phone\\\\u003D", "Ort\\u003d", "\\u0027", "\\u0026", "mysql ", "mariadb-dump ", "sshpass ", "redis-cli ", "curl ", "smbclient ", "\nmysql ", "; /usr/bin/mysql ", "$ curl ", "docker exec -it db1 ", " exec db1 -- ", "COMMAND=", "'sudo ", "0:00 ", " -port 3306", " -su mary:", " -xw ", " -p", " -p ", " -a ", " -u'", " -uroot:", " -U a%", "geheim7", "$PW", "'geheim 7'",
    "(cn=*", "(uid=", "*)", "version: ", "1.20.3.4", "\"10.0.1.2\"", " -> ", " => ", "NAD+BY+4711::9", "LOC+9+1::2", ":TE+m@a.de", "=Optional[", ": Optional[", "Major]", "'last_name': ['", "'phone':['", "'Minor']", "'1',", '"phone":{"stringValue":"',
    "\n[parameters: (", " [generated in 0.00018s] (", " [cached since 1s ago] (", "[no key 1s] (", '"lastName":{"', '"phone": { "', 'old":"', 'From":"', '"Minor","', 'new":"', 'To" : "', 'OldValue": null, "', 'NewValue":',
)  # fmt: skip

PIECES: tuple[bytes, ...] = (
    *(
        each.encode("utf-8", "surrogatepass")
        for group in (KEYS, _SIGNS, _VALUES, _BLANKS, SHAPES)
        for each in group
    ),
    *_BYTES,
    base64.b64encode(b"to erika@example.org, hello"),
    base64.b64encode(b"Phone=4155550143 and so"),
    base64.b64encode(b"hello world, no person"),
    base64.b64encode(b"192.0.2.34"),
    base64.b64encode(b"8.1.103.95"),
)
CHAINS: tuple[tuple[bytes, ...], ...] = tuple(
    tuple(each.encode("utf-8", "surrogatepass") for each in group)
    for group in (ENCODED, SENTENCES, WORDS, PLACES, NAMES, RECORDS, CLOSINGS, FORMS)
)
"""Words that say what the next ones are: several of one kind in a row are often a sentence of a log."""

GROUPS: tuple[tuple[bytes, ...], ...] = tuple(
    tuple(each.encode("utf-8", "surrogatepass") for each in group)
    for group in (KEYS, _SIGNS, _VALUES, _BLANKS)
)
"""Keys, signs, values and blanks: one of each in a row is often a whole notation."""
