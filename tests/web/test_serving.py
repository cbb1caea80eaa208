"""The server as it stands on a port: what Flask's own client does not go through."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def port(atlas_home):
    command = [sys.executable, "-m", "web.cli", "serve", "--port", "0"]
    environment = {**os.environ, "CORRIDOR_HOME": str(atlas_home), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parents[2]) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline().split(" is at http://127.0.0.1:")[1].split()[0])
        server.terminate()


def ask(port, address):
    """Send an address byte for byte as it is typed, as curl does; return status and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        typed = address if isinstance(address, bytes) else address.encode()
        line.sendall(b"GET " + typed + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head, body


@pytest.mark.parametrize(
    "name", ["Приморский", "प्रिमोर्स्की क्राय", "%D0%9F%D1%80%D0%B8%D0%BC%D0%BE%D1%80%D1%81%D0%BA%D0%B8%D0%B9"]
)
def test_names_in_an_address_need_no_escapes(port, name, atlas):
    status, _, body = ask(port, f"/collections/ports/items?region={name.replace(' ', '+')}&limit=1")
    assert status == 200, body
    assert json.loads(body)["features"][0]["properties"]["admin1"] == "RU-PRI"


def test_a_fault_says_the_name_as_it_was_typed(port):
    status, _, body = ask(port, "/collections/ports/items/Владивосток")
    assert status == 404
    assert "no feature 'Владивосток'" in body.decode()


@pytest.mark.parametrize("address", ["/\x00", b"/collections/ports/items?region=\xff", "http://[::1", "/?region=a b"])
def test_an_address_that_is_none_is_refused_and_the_server_answers_on(port, address):
    status, _, _ = ask(port, address)
    assert 400 <= status < 500
    assert ask(port, "/healthz")[0] == 200


def test_the_server_does_not_say_what_it_is(port):
    assert b"waitress" not in ask(port, "/healthz")[1].lower()
