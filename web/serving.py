"""The production server: waitress, which also takes addresses as curl sends what people type."""

from __future__ import annotations

import re
import socket

import waitress
from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

_THREADS = 8


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Takes letters of any script in an address, unescaped: RFC 3986 does not, but ``?region=Приморский`` is meant so."""

    def parse_header(self, header_plus: bytes) -> None:
        line, end, rest = header_plus.partition(b"\r\n")
        line = re.sub(rb"[\x80-\xff]", lambda found: b"%%%02X" % ord(found[0]), line)
        try:
            super().parse_header(line + end + rest)
        except ValueError as error:  # of urllib: waitress would drop the connection without an answer
            raise ParsingError(f"Bad URI: {error}") from None


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser


def serve(app: Flask, listener: socket.socket) -> None:
    """Answer requests on a socket that listens, until the process ends."""
    server = waitress.create_server(app, sockets=[listener], ident=None, threads=_THREADS, clear_untrusted_proxy_headers=True)
    server.channel_class = _Channel
    server.run()
