"""The command line of the built-in portal."""

from __future__ import annotations

import argparse
import json
import logging
import shlex
import sys
from pathlib import Path

from app.domain.errors import WorldError
from app.domain.exits import exit_code
from app.sandbox.demo import PEOPLE_FILE
from app.sandbox.server import Address, Options, Ready, run
from app.sandbox.site import open_site
from app.sandbox.support import add_support_user


def main(arguments: list[str] | None = None) -> int:
    """Parse, run, and answer with the exit code: 0 after a graceful end, else the error's."""
    found = _arguments(arguments)
    options = _options(found)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # A client that leaves in the middle of a handshake is no news.
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    try:
        if found.add_support:
            return _add_support(options.data, found.add_support)
        run(options, on_ready=lambda ready: _say(ready, options))
    except WorldError as error:
        sys.stderr.write(f"{error}\n")
        return exit_code(error)
    return 0


def _say(ready: Ready, options: Options) -> None:
    """One JSON line for programs on stdout, the same in words on stderr."""
    sys.stdout.write(ready.line() + "\n")
    sys.stdout.flush()
    people = options.data.absolute() / PEOPLE_FILE
    words = [
        f"The portal serves at {ready.url}",
        f"  SFTP          {'off' if ready.sftp_port is None else f'port {ready.sftp_port}'}",
        f"  Authority     {ready.ca_file}  (give it to clients with --ca)",
        *([f"  Demo people   {people}  (emails and passwords)"] if people.exists() else []),
        f"  Sign in       caseferry sign-in --portal {ready.url} --ca {shlex.quote(ready.ca_file)}",
        "  Ctrl+C stops it.",
    ]
    sys.stderr.write("\n".join(words) + "\n")


def _add_support(data: Path, name: str) -> int:
    """Make a support user and show the credential, once."""
    site = open_site(data, url="")
    try:
        with site.database.transaction() as connection:
            token = add_support_user(connection, site, name=name)
    finally:
        site.database.close()
    sys.stdout.write(json.dumps({"name": name, "token": token}) + "\n")
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.sandbox", description="Run the built-in portal.")
    parser.add_argument("--data", type=Path, required=True, help="data folder; created when missing")
    parser.add_argument("--listen", type=_address, default=Address("127.0.0.1", 8443), metavar="HOST:PORT")
    sftp = parser.add_mutually_exclusive_group()
    sftp.add_argument(
        "--sftp",
        type=_address,
        default=None,
        metavar="HOST:PORT",
        help="a free port beside HTTPS when left out",
    )
    sftp.add_argument("--no-sftp", action="store_true", help="serve HTTPS only")
    parser.add_argument("--demo", action="store_true", help="fill an empty store with demo data")
    parser.add_argument("--demo-cases", type=_count, default=0, metavar="N", help="add N generated cases")
    parser.add_argument(
        "--access-token-seconds", type=_count, default=None, metavar="N", help="life of an access token"
    )
    parser.add_argument(
        "--add-support", default="", metavar="NAME", help="make a support user, show the credential, and end"
    )
    found = parser.parse_args(arguments)
    if found.demo_cases and not found.demo:
        parser.error("--demo-cases needs --demo")
    return found


def _options(found: argparse.Namespace) -> Options:
    return Options(
        data=found.data,
        listen=found.listen,
        sftp=None if found.no_sftp else found.sftp or Address(found.listen.host, 0),
        demo=found.demo,
        demo_cases=found.demo_cases,
        access_token_seconds=found.access_token_seconds,
    )


def _address(text: str) -> Address:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("an address is HOST:PORT, with a port from 0 to 65535")
    return Address(host.strip("[]"), int(port))


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 1000000 is needed")
    return int(text)
