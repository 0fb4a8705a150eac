# SPDX-License-Identifier: MIT
"""A daemon's API that answers what a test tells it, on a Unix socket, and remembers what it was asked."""
import http.server
import json
import os
import socketserver
import threading
import urllib.parse


class Broken:
    """A body that ends before it is whole."""

    def __init__(self, text):
        self.text = text


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "unix"

    def send(self, status, body, headers):
        is_broken = isinstance(body, Broken)
        text = body.text if is_broken else body
        if isinstance(text, (dict, list)):
            text = json.dumps(text)
        data = (text or "").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(data) + (1000 if is_broken else 0)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = self.close_connection or is_broken

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path, _, query = self.path.partition("?")
        self.server.api.asked.append((self.command, self.path, body))
        answer = self.server.api.answers.get(f"{self.command} {path}", (404, {"detail": "there is nothing under this path"}))
        if callable(answer):
            answer = answer(dict(urllib.parse.parse_qsl(query)), body)
        if not isinstance(answer, tuple):
            answer = (200, answer)
        self.send(answer[0], answer[1], answer[2] if len(answer) > 2 else None)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass  # a client that left


class FakeApi:
    """answers: {"GET /path": body, or (status, body), or a function of (query, body) that gives one}."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "fake.sock")
        self.answers, self.asked = {}, []

    def __enter__(self):
        self.server = Server(self.socket, Handler)
        self.server.api = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def list_of(self, items):
        """An answer that gives the items page by page."""
        def page(query, _):
            first = int(query.get("cursor") or 0)
            limit = int(query.get("limit") or 50)
            rest = first + limit
            return {"items": items[first:rest], "next_cursor": str(rest) if rest < len(items) else None}
        return page
