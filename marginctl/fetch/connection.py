"""Connections whose answers end in time: head and body together, however slowly they come.

A socket's own time-out is for each read, so that a server which sends a byte now and then would
never end.
"""

import http.client
import io
import socket
import ssl
import time
import urllib.request
from typing import Any


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


class InTime(urllib.request.HTTPHandler):
    """Opens plain connections."""

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Send a request, and return its answer."""
        return self.do_open(_Connection, req)


class SecureInTime(urllib.request.HTTPSHandler):
    """Opens encrypted connections, to servers whose certificates a context accepts."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._accepted = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Send a request, and return its answer."""
        return self.do_open(_SecureConnection, req, context=self._accepted)
