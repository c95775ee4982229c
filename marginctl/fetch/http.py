"""JSON requests over HTTP, within bounds of time and size, with one clear error for any fault.

An answer must end in time, head and body together, however slowly it comes: a socket's own time-out
is for each read, so that a server which sends a byte now and then would never end.
"""

import http.client
import io
import ipaddress
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from typing import IO, Any
from urllib.parse import urlsplit

MAX_BYTES = 64 * 1024 * 1024
"""The largest answer that is read."""

TRIES = 4
"""How often a request is sent when the exchange is busy (429) or fails (5xx)."""

FIRST_PAUSE = 0.5
"""Seconds before the second try; each pause after it is twice as long."""

LONGEST_PAUSE = 30.0
"""The longest Retry-After that is waited for, in seconds."""

_CHUNK = 1 << 16
_GZIP = 31
"""What zlib calls the window of a gzip file."""
_EXCERPT = 120
_BUSY = 429
_SERVER_FAULTS = range(500, 600)


class FetchError(Exception):
    """The exchange cannot be reached, or answers with an error."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Endpoint:
    """One address that takes JSON requests by POST and answers in JSON.

    ``timeout`` is in seconds, for each try from the connection to the last byte. ``pause`` sleeps
    between tries, for so many seconds.
    """

    def __init__(
        self, url: str, timeout: float, pause: Callable[[float], object] = time.sleep
    ) -> None:
        self.url = url
        self._timeout = timeout
        self._pause = pause
        self._opener = urllib.request.build_opener(
            # the environment's proxies (None), but for this machine, which they cannot reach
            urllib.request.ProxyHandler({} if _on_this_machine(url) else None),
            _OpensInTime(),
            _OpensSecurelyInTime(ssl.create_default_context()),
            _SameHost(),
        )

    def ask(self, request: Mapping[str, object]) -> str:
        """Send one request and return the answer's text, which is JSON of any form.

        Raises:
            FetchError: there is no answer, or none that is JSON.
        """
        body = json.dumps(request).encode()
        for number in range(1, TRIES + 1):
            pause = FIRST_PAUSE * 2 ** (number - 1)
            try:
                return _checked_text(self._send(body), self.url)
            except urllib.error.HTTPError as answer:
                with answer:
                    again = answer.code == _BUSY or answer.code in _SERVER_FAULTS
                    if not again or number == TRIES:
                        raise _refusal(answer, number) from None
                    asked = _retry_after(answer.headers)
                if asked is not None and asked > LONGEST_PAUSE:
                    raise FetchError(
                        f"{self.url} asks to wait {asked:.0f} s before the next request",
                        "try again after that",
                    ) from None
                pause = pause if asked is None else asked
            self._pause(pause)
        raise AssertionError  # the last try returns or raises

    def _send(self, body: bytes) -> bytes:
        """Return the bytes of one answer; HTTPError for one of another status than 200."""
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            self.url,
            body,
            {
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": "marginctl",
            },
        )
        deadline = time.monotonic() + self._timeout
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return self._read(answer, deadline)
        except urllib.error.HTTPError:
            raise
        except TimeoutError:
            raise self._too_slow() from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._too_slow() from None
            raise self._unreachable(error.reason) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None

    def _read(self, answer: Any, deadline: float) -> bytes:
        """Read an answer to its end: the time is for all of it, so a trickle ends too."""
        parts = []
        size = 0
        try:
            while data := answer.read1(_CHUNK):
                parts.append(data)
                size += len(data)
                if size > MAX_BYTES:
                    raise self._too_large()
                if time.monotonic() > deadline:
                    raise self._too_slow()
        except http.client.IncompleteRead:
            raise self._cut_off(size) from None
        announced = answer.headers.get("Content-Length", "")
        if announced.isdecimal() and size < int(announced[:20]):
            raise self._cut_off(size)
        return self._unpacked(b"".join(parts), answer.headers.get("Content-Encoding", ""))

    def _unpacked(self, data: bytes, encoding: str) -> bytes:
        """Return what a packed answer holds; some proxies pack what was asked for plain."""
        name = encoding.strip().lower()
        if name in {"", "identity"}:
            return data
        if name not in {"gzip", "x-gzip"}:
            raise FetchError(
                f"the answer of {self.url} is packed as {_excerpt(name.encode())}, which was not "
                "asked for",
                "check --url, and the proxy if there is one",
            )
        import zlib

        unpacker = zlib.decompressobj(_GZIP)
        try:
            unpacked = unpacker.decompress(data, MAX_BYTES + 1)
        except zlib.error:
            raise FetchError(
                f"the answer of {self.url} is not gzip, as it says", "try again"
            ) from None
        if len(unpacked) > MAX_BYTES:
            raise self._too_large()
        if not unpacker.eof:
            raise self._cut_off(len(data))
        return unpacked

    def _too_large(self) -> FetchError:
        return FetchError(
            f"the answer of {self.url} is larger than {MAX_BYTES >> 20} MiB",
            "check --url: this is not what the exchange answers",
        )

    def _cut_off(self, size: int) -> FetchError:
        read = "1 byte" if size == 1 else f"{size:,} bytes"
        return FetchError(
            f"the answer of {self.url} ends after {read}, before it is complete",
            "try again",
        )

    def _too_slow(self) -> FetchError:
        return FetchError(
            f"{self.url} did not answer within {self._timeout:g} s",
            "try again, or raise --timeout",
        )

    def _unreachable(self, reason: object) -> FetchError:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return FetchError(
                f"the certificate of {self.url} is not accepted: {reason.verify_message}",
                "nothing was sent; check --url, the clock and the machine's certificates",
            )
        cause = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return FetchError(
            f"{self.url} cannot be reached: {cause}",
            "check the connection, and --url if it is given",
        )


class _InTime(io.RawIOBase):
    """What comes from a socket until a deadline.

    Raises:
        TimeoutError: on a read that has no time left, or none of whose bytes come in it.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        seconds = sock.gettimeout()
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer of which the head must come in time, too."""

    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        raw: Any = self.fp.detach()
        self.fp = io.BufferedReader(_InTime(raw, sock))


class _Connection(http.client.HTTPConnection):
    response_class = _Answer


class _SecureConnection(http.client.HTTPSConnection):
    response_class = _Answer


class _OpensInTime(urllib.request.HTTPHandler):
    """Opens plain connections."""

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Send a request, and return its answer."""
        return self.do_open(_Connection, req)


class _OpensSecurelyInTime(urllib.request.HTTPSHandler):
    """Opens encrypted connections, to servers whose certificates a context accepts."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._accepted = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Send a request, and return its answer."""
        return self.do_open(_SecureConnection, req, context=self._accepted)


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect with the same request, and only to the host that was asked."""

    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request:
        """Return the request to the new address.

        Raises:
            FetchError: it is another host, or no longer encrypted.
        """
        del fp, code, msg, headers
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (new.scheme, new.netloc) != (old.scheme, old.netloc):
            raise FetchError(
                f"{req.full_url} redirects to another host, {new.scheme}://{new.netloc}",
                "it is not followed; check --url",
            )
        return urllib.request.Request(  # noqa: S310 - the scheme is that of before
            newurl, req.data, dict(req.header_items())
        )


def check_url(url: str) -> str | None:
    """Return what is wrong with the address of an exchange, None when it can be used."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "this is not a server address"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "an address begins with https:// (or http://) and a host"
    if parts.username is not None or parts.password is not None:
        return "an address has no user name or password"
    if any(character.isspace() or not character.isprintable() for character in url):
        return "an address has no spaces or control characters"
    if not url.isascii():
        return "an address is plain ASCII"
    return None


def _on_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_text(data: bytes, url: str) -> str:
    """Return an answer's text.

    Raises:
        FetchError: it is not JSON; the first of what came is shown.
    """
    try:
        text = data.decode()
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise FetchError(
            f"the answer of {url} is not JSON: {_excerpt(data)}",
            "try again; if that does not help, check --url",
        ) from None
    return text.strip()


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads though they are not JSON."""
    raise ValueError(name)


def _refusal(answer: urllib.error.HTTPError, tries: int) -> FetchError:
    often = f" ({tries} tries)" if tries > 1 else ""
    try:
        body = answer.read(_EXCERPT * 4)
    except (OSError, http.client.HTTPException):
        body = b""
    hint = "the exchange limits requests: try again in a minute"
    if answer.code in _SERVER_FAULTS:
        hint = "the exchange has a problem: try again later"
    elif answer.code != _BUSY:
        hint = "check --url and --network"
    status = f"{answer.code} {answer.reason}".strip()
    return FetchError(f"{answer.url} answers {status}{often}: {_excerpt(body)}", hint)


def _excerpt(data: bytes) -> str:
    text = " ".join(data[: _EXCERPT * 4].decode(errors="replace").split())
    if not text:
        return "an empty body"
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"


def _retry_after(headers: Message) -> float | None:
    """Return how many seconds the exchange asks to wait; None without a number of them."""
    asked = (headers.get("Retry-After") or "").strip()
    return float(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 9 else None  # noqa: PLR2004
