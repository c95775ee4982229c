"""A server on this machine that answers like the exchange, or with any fault one asks of it."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support import DATA

ADDRESS = "0x" + "ab" * 20
CERTIFICATE = Path(__file__).with_name("self-signed.pem")

RECORDED = json.loads((DATA / "pooled" / "unified-a-three-dexes-2026-10-05.json").read_text())
DEXES = ["flx", "xyz", "io"]
METAS = [
    {"universe": [{"szDecimals": 5, "name": "BTC", "maxLeverage": 40, "marginTableId": 40}]},
    {"universe": []},
    {"universe": [{"szDecimals": 4, "name": "xyz:GOLD", "maxLeverage": 25, "marginTableId": 25}]},
    {"universe": []},
]
EMPTY = {"marginSummary": {"accountValue": "0.0"}, "assetPositions": []}

Reply = Callable[["Handler", dict[str, Any]], None]


def recorded(request: dict[str, Any]) -> Any:
    """Return the answer to a request of the recorded account."""
    match request["type"]:
        case "perpDexs":
            return [None, *({"name": name} for name in DEXES)]
        case "clearinghouseState":
            return RECORDED["clearinghouseState"].get(request["dex"], EMPTY)
        case "allPerpMetas":
            return METAS
        case "meta":
            return METAS[1 + DEXES.index(request["dex"])]
        case kind:
            return RECORDED[kind]


class Handler(BaseHTTPRequestHandler):
    """Gives each request to the server's reply."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(request)
        self.server.reply(self, request)

    def do_GET(self) -> None:
        self.send(405, b"only POST")

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """Send an answer, whole; header names have _ for -."""
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Counts what it is asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply = reply
        self.requests: list[dict[str, Any]] = []
        self.released = threading.Event()
        """Set at the end: replies that hang wait for it."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that hangs up early is what some tests are about

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/info"


@contextmanager
def serving(reply: Reply, *, encrypted: bool = False) -> Iterator[Server]:
    """Serve replies while inside."""
    server = Server(reply)
    if encrypted:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def answer(handler: Handler, request: dict[str, Any]) -> None:
    """Answer as the exchange does."""
    handler.send(200, json.dumps(recorded(request)).encode())


def with_body(body: bytes, status: int = 200, **headers: str) -> Reply:
    """Return a reply that is always the same."""
    return lambda handler, _: handler.send(status, body, **headers)


def first(*statuses: int, **headers: str) -> Reply:
    """Return a reply that fails with these statuses in turn, and then answers."""
    left = list(statuses)

    def reply(handler: Handler, request: dict[str, Any]) -> None:
        if left:
            handler.send(left.pop(0), b"not now", **headers)
        else:
            answer(handler, request)

    return reply
