"""`marginctl fetch` against a server on this machine, with every fault that a network has."""

import ast
import gzip
import io
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from marginctl.cli.run import run
from marginctl.fetch import http
from tests.fetch import server
from tests.fetch.server import ADDRESS, METAS, Handler, serving
from tests.support import ROOT, Answer, invoke

LIMIT = 30
"""Seconds that anything may take here before it counts as hanging."""


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.001)


def fetch_account(url: str, *more: str) -> Answer:
    return invoke("fetch", "account", ADDRESS, "--url", url, *more)


def check_refused(answer: Answer, *parts: str) -> None:
    """Hold an answer to one clear message, exit code 4, and nothing on stdout."""
    assert answer.code == 4, answer
    assert answer.stdout == ""
    assert answer.stderr.count("error:") == 1
    assert "Traceback" not in answer.stderr
    for part in parts:
        assert part in answer.stderr


def test_an_account_file_holds_what_the_exchange_answered() -> None:
    with serving(server.answer) as exchange:
        answer = fetch_account(exchange.url)
    assert (answer.code, answer.stderr) == (0, "")
    file = json.loads(answer.stdout)
    recorded = server.RECORDED
    assert file == {
        "userAbstraction": recorded["userAbstraction"],
        "spotClearinghouseState": recorded["spotClearinghouseState"],
        "clearinghouseState": recorded["clearinghouseState"],
        "allPerpMetas": METAS,
    }
    assert list(file["clearinghouseState"]) == ["", "xyz", "io"]  # flx holds nothing


def test_only_the_address_and_the_dexes_are_sent() -> None:
    with serving(server.answer) as exchange:
        fetch_account(exchange.url, "--dex", "xyz")
    states = [{"type": "clearinghouseState", "user": ADDRESS, "dex": dex} for dex in ("", "xyz")]
    assert exchange.requests == [
        {"type": "perpDexs"},
        {"type": "userAbstraction", "user": ADDRESS},
        {"type": "spotClearinghouseState", "user": ADDRESS},
        *states,
        {"type": "allPerpMetas"},
    ]


def test_numbers_are_passed_on_letter_by_letter() -> None:
    number = "0.1000000000000000055511151231257827021181583404541015625e2"

    def reply(handler: Handler, request: dict[str, Any]) -> None:
        if request["type"] == "spotClearinghouseState":
            handler.send(200, f'{{"balances": [{number}]}}'.encode())
        else:
            server.answer(handler, request)

    with serving(reply) as exchange:
        assert f'{{"balances": [{number}]}}' in fetch_account(exchange.url).stdout


def test_a_dex_with_money_but_no_position_is_kept() -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        if request.get("dex") == "flx":
            state = {"marginSummary": {"accountValue": "0.000001"}, "assetPositions": []}
            handler.send(200, json.dumps(state).encode())
        else:
            server.answer(handler, request)

    with serving(reply) as exchange:
        file = json.loads(fetch_account(exchange.url).stdout)
    assert list(file["clearinghouseState"]) == ["", "flx", "xyz", "io"]


def test_tiers_are_the_metas() -> None:
    with serving(server.answer) as exchange:
        every = invoke("fetch", "tiers", "--url", exchange.url)
        one = invoke("fetch", "tiers", "--url", exchange.url, "--dex", "xyz")
    assert json.loads(every.stdout) == METAS
    assert json.loads(one.stdout) == [METAS[2]]


@pytest.mark.parametrize(
    "address", ["", "0x", "0x" + "g" * 40, "ab" * 20, "0x" + "ab" * 20 + "\n", "0x" + "٣" * 40]
)
def test_an_address_is_checked_before_anything_is_sent(address: str) -> None:
    with serving(server.answer) as exchange:
        answer = invoke("fetch", "account", address, "--url", exchange.url)
    assert answer.code == 2
    assert "is not the address of an account" in answer.stderr
    assert exchange.requests == []


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--url", "ftp://host/"), "cannot be used: an address begins with https:// (or http://)"),
        (("--url", "file:///etc/passwd"), "cannot be used: an address begins with https://"),
        (("--url", "https://"), "cannot be used: an address begins with https://"),
        (("--url", "http://host:port/"), "cannot be used: this is not a server address"),
        (("--url", "http://host:65536/"), "cannot be used: this is not a server address"),
        (("--url", "http://ho st/"), "cannot be used: an address has no spaces"),
        (("--url", "http://host/\x7f"), "cannot be used: an address has no spaces"),
        (("--url", "http://[::1/"), "cannot be used: this is not a server address"),
        (("--url", "http://höst/"), "cannot be used: an address is plain ASCII"),
        (("--url", "https://user:word@host/"), "no user name or password"),
        (("--network", "mainet"), "there is no network 'mainet'"),
        (("--timeout", "0"), "is not between 0 and 600 seconds"),
        (("--timeout", "601"), "is not between 0 and 600 seconds"),
        (("--timeout", "soon"), "--timeout"),
    ],
)
def test_wrong_flags_are_refused(flags: tuple[str, ...], message: str) -> None:
    answer = invoke("fetch", "tiers", *flags)
    assert (answer.code, answer.stdout) == (2, "")
    assert message in answer.stderr


def test_an_unknown_dex_names_the_near_one() -> None:
    with serving(server.answer) as exchange:
        answer = fetch_account(exchange.url, "--dex", "xyx")
    assert answer.code == 2
    assert answer.stderr == (
        "error: the exchange has no dex 'xyx'\n   at: --dex\n hint: did you mean xyz?\n"
    )


def test_a_refused_connection() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        check_refused(
            fetch_account(url),
            f"error: {url} cannot be reached: Connection refused\n"
            " hint: check the connection, and --url if it is given\n",
        )


def test_a_name_that_does_not_exist() -> None:
    check_refused(fetch_account("http://exchange.invalid/"), "cannot be reached")


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_no_answer_in_time(silent: str) -> None:
    answer = fetch_account(silent, "--timeout", "0.2")
    check_refused(answer, "did not answer within 0.2 s\n hint: try again, or raise --timeout\n")


def _trickle(handler: Handler, request: dict[str, Any]) -> None:
    """Send a byte now and then, each in time, for ever."""
    del request
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.server.released.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def _stall(handler: Handler, request: dict[str, Any]) -> None:
    """Send half an answer, and then nothing."""
    del request
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.write(b'{"half":')
    handler.wfile.flush()
    handler.server.released.wait(LIMIT)


def _trickle_head(handler: Handler, request: dict[str, Any]) -> None:
    """Send the head of an answer a byte now and then, each in time, for ever."""
    del request
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not handler.server.released.wait(0.05):
        handler.wfile.write(b"x")
        handler.wfile.flush()


@pytest.mark.parametrize("reply", [_trickle, _trickle_head, _stall])
def test_an_answer_that_does_not_end_in_time(reply: server.Reply) -> None:
    with serving(reply) as exchange:
        answer = fetch_account(exchange.url, "--timeout", "0.3")
    check_refused(answer, "did not answer within 0.3 s")


def test_an_endless_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 1 << 20)

    def reply(handler: Handler, request: dict[str, Any]) -> None:
        del request
        handler.send_response(200)
        handler.end_headers()
        while not handler.server.released.is_set():
            handler.wfile.write(b" " * 65536)

    with serving(reply) as exchange:
        check_refused(
            fetch_account(exchange.url),
            f"error: the answer of {exchange.url} is larger than 1 MiB\n"
            " hint: check --url: this is not what the exchange answers\n",
        )
    assert len(exchange.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_exchange_is_asked_again(status: int) -> None:
    with serving(server.first(status, status)) as exchange:
        assert invoke("fetch", "tiers", "--url", exchange.url).code == 0
    assert len(exchange.requests) == 3


@pytest.mark.parametrize(
    ("status", "hint"), [(429, "try again in a minute"), (500, "try again later")]
)
def test_an_exchange_that_stays_busy(status: int, hint: str) -> None:
    with serving(server.with_body(b"too busy", status)) as exchange:
        answer = fetch_account(exchange.url)
    check_refused(answer, f"answers {status}", "(4 tries)", "too busy", hint)
    assert len(exchange.requests) == 4


def test_pauses_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.5)
    pauses: list[float] = []
    with serving(server.with_body(b"", 503)) as exchange:
        endpoint = http.Endpoint(exchange.url, 10, pauses.append)
        with pytest.raises(http.FetchError):
            endpoint.ask({"type": "meta"})
    assert pauses == [0.5, 1, 2]


@pytest.mark.parametrize(("asked", "pauses"), [("7", [7]), ("soon", [0.5]), ("", [0.5])])
def test_retry_after_is_waited_for(
    asked: str, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.5)
    waited: list[float] = []
    with serving(server.first(429, Retry_After=asked)) as exchange:
        http.Endpoint(exchange.url, 10, waited.append).ask({"type": "allPerpMetas"})
    assert waited == pauses


def test_a_long_retry_after_is_reported() -> None:
    with serving(server.first(429, Retry_After="3600")) as exchange:
        answer = fetch_account(exchange.url)
    check_refused(answer, "asks to wait 3600 s")
    assert len(exchange.requests) == 1


def cut_off(sent: int) -> server.Reply:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        del request
        handler.send_response(200)
        handler.send_header("Content-Length", "20000")
        handler.end_headers()
        handler.wfile.write(b" " * sent)
        handler.close_connection = True

    return reply


@pytest.mark.parametrize(
    ("reply", "message", "hint"),
    [
        (
            server.with_body(b"wait", 429),
            "URL answers 429 Too Many Requests (4 tries): wait",
            "the exchange limits requests: try again in a minute",
        ),
        (
            server.with_body(b"", 503),
            "URL answers 503 Service Unavailable (4 tries): an empty body",
            "the exchange has a problem: try again later",
        ),
        (
            server.with_body(b"<b>no</b>", 404),
            "URL answers 404 Not Found: <b>no</b>",
            "check --url and --network",
        ),
        (
            server.with_body(b"", 429, Retry_After="3600"),
            "URL asks to wait 3600 s before the next request",
            "try again after that",
        ),
        (
            server.with_body(b"<html>"),
            "the answer of URL is not JSON: <html>",
            "try again; if that does not help, check --url",
        ),
        (
            server.with_body(b"{}"),
            "the answer of URL to 'allPerpMetas' does not have the exchange's format",
            "check --url",
        ),
        (
            server.with_body(b"", 307, Location="http://elsewhere.example/info"),
            "URL redirects to another host, http://elsewhere.example",
            "it is not followed; check --url",
        ),
        (
            server.with_body(b"x", Content_Encoding="br"),
            "the answer of URL is packed as br, which was not asked for",
            "check --url, and the proxy if there is one",
        ),
        (
            server.with_body(b"words", Content_Encoding="gzip"),
            "the answer of URL is not gzip, as it says",
            "try again",
        ),
        (cut_off(1), "the answer of URL ends after 1 byte, before it is complete", "try again"),
        (
            cut_off(1234),
            "the answer of URL ends after 1,234 bytes, before it is complete",
            "try again",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_refusal_is_one_message_with_its_hint(
    reply: server.Reply, message: str, hint: str
) -> None:
    with serving(reply) as exchange:
        answer = invoke("fetch", "tiers", "--url", exchange.url)
        told = answer.stderr.replace(exchange.url, "URL")
    assert (answer.code, answer.stdout) == (4, "")
    assert told == f"error: {message}\n hint: {hint}\n"


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_other_errors_are_not_tried_again(status: int) -> None:
    with serving(server.with_body(b"<html>\n<b>no</b>\x1b[31m</html>", status)) as exchange:
        answer = fetch_account(exchange.url)
    check_refused(answer, f"answers {status}", "<html> <b>no</b>\\x1b[31m</html>")
    assert len(exchange.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>maintenance</html>",
        b'{"half": ',
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"accountValue": NaN}',
    ],
)
def test_what_is_not_json(body: bytes) -> None:
    with serving(server.with_body(body)) as exchange:
        check_refused(fetch_account(exchange.url), "is not JSON")


@pytest.mark.parametrize("body", [b"{}", b"3", b'"text"', b"[3]", b'[{"name": 3}]'])
def test_json_of_another_form(body: bytes) -> None:
    with serving(server.with_body(body)) as exchange:
        check_refused(
            fetch_account(exchange.url), "'perpDexs'", "does not have the exchange's format"
        )


@pytest.mark.parametrize(
    ("kind", "dex", "body"),
    [
        ("clearinghouseState", "xyz", b"null"),
        ("clearinghouseState", "", b"[]"),
        ("clearinghouseState", "", b'{"error": "no such user"}'),
        ("userAbstraction", None, b'{"error": "no"}'),
        ("userAbstraction", None, b"3"),
        ("spotClearinghouseState", None, b"null"),
        ("spotClearinghouseState", None, b"{}"),
        ("allPerpMetas", None, b'{"universe": []}'),
        ("allPerpMetas", None, b"[null]"),
    ],
)
def test_an_answer_of_another_form_is_not_passed_on(
    kind: str, dex: str | None, body: bytes
) -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        if (request["type"], request.get("dex")) == (kind, dex):
            handler.send(200, body)
        else:
            server.answer(handler, request)

    with serving(reply) as exchange:
        answer = fetch_account(exchange.url)
    check_refused(answer, f"'{kind}'", "does not have the exchange's format")


def test_a_mode_may_be_null() -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        if request["type"] == "userAbstraction":
            handler.send(200, b"null")
        else:
            server.answer(handler, request)

    with serving(reply) as exchange:
        answer = fetch_account(exchange.url)
    assert answer.code == 0
    assert json.loads(answer.stdout)["userAbstraction"] is None


@pytest.mark.parametrize("length", [5, 100_000])
def test_a_truncated_answer(length: int) -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        del request
        handler.send_response(200)
        handler.send_header("Content-Length", "200000")
        handler.end_headers()
        handler.wfile.write(b" " * length)
        handler.close_connection = True

    with serving(reply) as exchange:
        check_refused(fetch_account(exchange.url))


@pytest.mark.parametrize("chunks", [b"7\r\n[null", b"4\r\nnull\r\n"])
def test_a_truncated_answer_in_chunks(chunks: bytes) -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        del request
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(chunks)
        handler.close_connection = True

    with serving(reply) as exchange:
        check_refused(fetch_account(exchange.url), "before it is complete")


def test_a_refusal_whose_text_breaks_off_is_told_by_its_number() -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        del request
        handler.send_response(404)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"7\r\n[null")
        handler.close_connection = True

    with serving(reply) as exchange:
        check_refused(fetch_account(exchange.url), "answers 404 Not Found: an empty body")


def packed(body: bytes, encoding: str = "gzip") -> server.Reply:
    return server.with_body(body, Content_Encoding=encoding)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_an_answer_that_a_proxy_has_packed_is_read(encoding: str) -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        body = gzip.compress(json.dumps(server.recorded(request)).encode())
        handler.send(200, body, Content_Encoding=encoding)

    with serving(reply) as exchange, serving(server.answer) as plain:
        assert fetch_account(exchange.url).stdout == fetch_account(plain.url).stdout


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (packed(b"[null]"), "is not gzip"),
        (packed(gzip.compress(b"[null]")[:-9]), "before it is complete"),
        (packed(gzip.compress(b" " * ((64 << 20) + 1))), "larger than 64 MiB"),
        (packed(b"[null]", "br"), "packed as br"),
    ],
    ids=["no gzip", "cut off", "too large", "unknown"],
)
def test_a_packed_answer_that_cannot_be_read(reply: server.Reply, message: str) -> None:
    with serving(reply) as exchange:
        check_refused(fetch_account(exchange.url), message)


def test_a_server_that_hangs_up() -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        del request
        handler.close_connection = True

    with serving(reply) as exchange:
        check_refused(fetch_account(exchange.url), "cannot be reached")


def test_what_is_not_http() -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        del request
        handler.wfile.write(b"220 mail.example ready\r\n")
        handler.close_connection = True

    with serving(reply) as exchange:
        check_refused(fetch_account(exchange.url), "cannot be reached")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed_with_the_request(status: int) -> None:
    def reply(handler: Handler, request: dict[str, Any]) -> None:
        if handler.path == "/info":
            handler.send(status, b"", Location="/elsewhere")
        else:
            server.answer(handler, request)

    with serving(reply) as exchange:
        answer = invoke("fetch", "tiers", "--url", exchange.url)
    assert json.loads(answer.stdout) == METAS
    assert exchange.requests == [{"type": "allPerpMetas"}] * 2


@pytest.mark.parametrize("location", ["http://localhost:1/", "https://127.0.0.1/", "ftp://x/"])
def test_a_redirect_to_another_host_is_not_followed(location: str) -> None:
    with serving(server.with_body(b"", 307, Location=location)) as exchange:
        answer = fetch_account(exchange.url)
    assert answer.code == 4
    assert answer.stdout == ""


def test_redirects_in_a_circle_end() -> None:
    with serving(server.with_body(b"", 307, Location="/info")) as exchange:
        check_refused(fetch_account(exchange.url), "answers 307")


def test_a_trusted_certificate() -> None:
    trusted = {"SSL_CERT_FILE": str(server.CERTIFICATE)}
    with serving(server.answer, encrypted=True) as exchange:
        url = exchange.url.replace("http:", "https:")
        answer = invoke("fetch", "account", ADDRESS, "--url", url, environment=trusted)
    assert (answer.code, answer.stderr) == (0, "")
    assert json.loads(answer.stdout)["allPerpMetas"] == METAS


def test_a_wrong_certificate() -> None:
    with serving(server.answer, encrypted=True) as exchange:
        url = exchange.url.replace("http:", "https:")
        check_refused(
            fetch_account(url),
            f"error: the certificate of {url} is not accepted: ",
            "\n hint: nothing was sent; check --url, the clock and the machine's certificates\n",
        )
    assert exchange.requests == []


def test_no_encryption_where_it_is_asked_for() -> None:
    with serving(server.answer) as exchange:
        url = exchange.url.replace("http:", "https:")
        check_refused(fetch_account(url), "cannot be reached")


def test_a_proxy_does_not_stand_before_this_machine() -> None:
    with serving(server.answer) as exchange:
        answer = invoke(
            "fetch",
            "tiers",
            "--url",
            exchange.url,
            environment={"http_proxy": "http://127.0.0.1:9"},
        )
    assert answer.code == 0


def test_an_interrupt_ends_with_130(silent: str) -> None:
    # a shell's background job ignores interrupts; a program that one can interrupt does not
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from marginctl.cli import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "fetch", "account", ADDRESS, "--url", silent],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
    )
    port = int(silent.rstrip("/").rpartition(":")[2])
    interrupter = threading.Thread(target=_interrupt, args=(process, port))
    interrupter.start()
    stdout, stderr = process.communicate(timeout=LIMIT)
    interrupter.join(LIMIT)
    assert (process.returncode, stdout) == (130, b"")
    assert b"Traceback" not in stderr


def _interrupt(process: subprocess.Popen[bytes], port: int) -> None:
    """Interrupt a process once it has connected to a port, or a good while after its start."""
    connected = f":{port:04X} "
    table = Path("/proc/net/tcp")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if table.exists() and table.read_text().count(connected) > 1:
            break
        time.sleep(0.02)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)


def test_nothing_else_uses_the_network() -> None:
    networking = {"asyncio", "ftplib", "http", "smtplib", "socket", "socketserver", "ssl", "urllib"}
    found = set()
    for path in (ROOT / "marginctl").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module or "")
            if any(name.partition(".")[0] in networking for name in names):
                found.add(path.parent.name)
    assert found <= {"fetch"}


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_line_counts_the_requests_and_is_taken_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looked_at = Terminal()
    with serving(server.answer) as exchange:
        monkeypatch.setattr(sys, "stderr", looked_at)
        assert run(["fetch", "account", ADDRESS, "--url", exchange.url]) == 0
    assert capsys.readouterr().out.startswith("{")
    first, *rest, last = looked_at.getvalue().split("\r\x1b[K")[1:]
    assert first == "asking the exchange, request 1"
    assert last == ""
    count = len(exchange.requests)
    assert rest[-1] == f"asking the exchange, request {count} of {count}"


def test_the_line_is_taken_away_before_an_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = Terminal()
    with serving(server.with_body(b"no", 404)) as exchange:
        monkeypatch.setattr(sys, "stderr", looked_at)
        assert run(["fetch", "account", ADDRESS, "--url", exchange.url]) == 4
    *_, told, last = looked_at.getvalue().split("\r\x1b[K")
    assert told.replace("\x1b[1;31m", "").replace("\x1b[0m", "").startswith("error: ")
    assert last == ""
