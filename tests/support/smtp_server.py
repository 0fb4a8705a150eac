#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A scripted SMTP server (Debian's python3-aiosmtpd): what it answers depends on the recipient's name.

    smtp_server.py PORT FOLDER [--login USER:PASSWORD] [--tls CERT_AND_KEY] [--smtps CERT_AND_KEY] [--closed]

  busy@    451 at first, then it is taken      full@    452 to the message
  nobody@  550, always                         bad@     554 to the message
  hang@    no answer to RCPT                   cut@     the connection ends at RCPT
  sorry@   (as the sender) 550
Whatever is taken is written into FOLDER as <n>.eml, after a line with the envelope. --closed: 554 to everybody."""
import argparse
import asyncio
import os
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

arguments = argparse.ArgumentParser()
arguments.add_argument("port", type=int)
arguments.add_argument("folder", type=pathlib.Path)
arguments.add_argument("--login")
arguments.add_argument("--tls")
arguments.add_argument("--smtps")
arguments.add_argument("--closed", action="store_true")
options = arguments.parse_args()


class Handler:
    def __init__(self):
        self.seen = {}
        self.count = 0

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if address.startswith("sorry@"):
            return "550 5.7.1 we do not like this sender"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        name = address.split("@")[0]
        self.seen[name] = self.seen.get(name, 0) + 1
        if name == "busy" and self.seen[name] == 1:
            return "451 4.7.1 come back later"
        if name == "nobody":
            return "550 5.1.1 there is no such mailbox"
        if name == "hang":
            await asyncio.sleep(3600)
        if name == "cut":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "full":
            return "452 4.2.2 the mailbox is full"
        if name == "bad":
            return "554 5.6.0 we do not like this message"
        self.count += 1
        secret = "tls" if session.ssl else "plain"
        head = f"{envelope.mail_from} {','.join(envelope.rcpt_tos)} {secret}\r\n"
        path = options.folder / f"{self.count}.eml"
        path.with_suffix(".part").write_bytes(head.encode() + envelope.original_content)
        path.with_suffix(".part").rename(path)
        return "250 OK"


class Closed(asyncio.Protocol):
    def connection_made(self, transport):
        transport.write(b"554 5.3.2 we are closed\r\n")
        transport.close()


def context_of(file):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


def authenticate(server, session, envelope, mechanism, data):
    wanted = options.login.encode().split(b":", 1)
    return AuthResult(success=[data.login, data.password] == wanted, handled=False)


async def main():
    handler = Handler()
    settings = {"hostname": "smtp.test"}
    if options.tls:
        settings.update(tls_context=context_of(options.tls), require_starttls=True)
    if options.login:
        settings.update(authenticator=authenticate, auth_required=True, auth_require_tls=bool(options.tls))
    make = Closed if options.closed else lambda: SMTP(handler, **settings)
    secret = context_of(options.smtps) if options.smtps else None
    await asyncio.get_running_loop().create_server(make, "127.0.0.1", options.port, ssl=secret)
    os.write(1, b"ready\n")
    await asyncio.sleep(float("inf"))


try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
