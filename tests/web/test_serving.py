"""The server as it stands on a port: what Flask's own client does not go through."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from web.settings import LARGEST_HEADERS, LONGEST_ADDRESS, READ_BUFFER

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"Corridor Atlas is at http://127\.0\.0\.1:(\d+) \(release [0-9a-f]{16}; Ctrl-C ends it\)\n")


@contextmanager
def served(home, *words, port=0, **settings):
    """Run a server and yield its process and its port, told by the line that it prints."""
    command = [sys.executable, "-m", "web.cli", "serve", "--port", str(port), *words]
    environment = {**os.environ, "CORRIDOR_HOME": str(home), **settings}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as server:
        try:
            line = server.stdout.readline()
            assert LINE.fullmatch(line), line or server.stderr.read()
            yield server, int(LINE.fullmatch(line)[1])
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def port(atlas_home):
    with served(atlas_home, "--workers", "2") as (_, port):
        yield port


def workers(server):
    """Return the process ids of a server's workers."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server.pid)], capture_output=True, text=True, check=False)
    return {int(pid) for pid in found.stdout.split() if alive(int(pid))}


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


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
    head = ask(port, "/healthz")[1].lower()
    assert b"\r\nserver: corridor atlas\r\n" in head
    assert b"granian" not in head


def send(port, *parts):
    """Send bytes as they are and return what comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        answer = []
        with suppress(OSError):  # it has said what it had to say, and closed
            for part in parts:
                line.sendall(part)
        with suppress(ConnectionResetError):
            answer.extend(iter(lambda: line.recv(65536), b""))
    return b"".join(answer)


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nNo Header: x\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * (2 * READ_BUFFER) + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: x\r\n" * 1000 + b"\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_the_server_answers_on(port, request_):
    answer = send(port, request_)
    assert re.match(rb"HTTP/1.1 4\d\d ", answer), answer
    assert ask(port, "/healthz")[0] == 200


@pytest.mark.parametrize(
    ("name", "value", "address", "status"),
    [
        (b"X", b"x" * (LARGEST_HEADERS + 1), b"/healthz", 431),
        (b"X", b"x", b"/healthz?" + b"x" * LONGEST_ADDRESS, 414),
        (b"Content-Length", b"100000000", b"/collections/ports/items", 413),
    ],
)
def test_what_is_too_large_is_a_problem_document_with_every_header(port, name, value, address, status):
    answer = send(port, b"POST %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%b: %b\r\n\r\n" % (address, name, value))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert json.loads(body)["status"] == status
    for header in (b"content-security-policy: default-src 'none'", b"x-content-type-options: nosniff", b"referrer-policy: "):
        assert header in head.lower()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_the_process_that_tells_where_the_server_is_leaves_nothing_behind(atlas_home):
    with served(atlas_home, "--workers", "1") as (server, port):
        assert ask(port, "/healthz")[0] == 200
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        assert until(lambda: all(alive(int(pid)) for pid in children.read_text().split()), seconds=5)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_100_mb_is_refused_and_never_held(atlas_home, chunked):
    part = b"x" * 1_000_000
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 100000000"
    parts = [b"%x\r\n%b\r\n" % (len(part), part) if chunked else part] * 100
    with served(atlas_home, "--workers", "1") as (server, port):
        (worker,) = workers(server)
        ask(port, "/collections/ports/items?limit=1")
        before = peak_mb(worker)
        answer = send(port, b"POST /collections/ports/items HTTP/1.1\r\nHost: x\r\n" + length + b"\r\n\r\n", *parts)
        assert not answer or int(answer.split()[1]) in (405, 413)
        assert ask(port, "/healthz")[0] == 200
        assert peak_mb(worker) - before < 30


def peak_mb(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1000


def test_clients_that_send_slowly_hold_up_nobody(port):
    slow = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(40)]
    try:
        for line in slow:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        assert all(ask(port, "/healthz")[0] == 200 for _ in range(10))
        slow[0].sendall(b"x\r\n\r\n")
        assert slow[0].recv(100).startswith(b"HTTP/1.1 200")
    finally:
        for line in slow:
            line.close()


def test_answers_come_compressed_where_that_is_asked(port, atlas):
    import gzip

    asked = b"GET /collections/ports/items HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    head, _, body = send(port, asked).partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head.lower()
    assert json.loads(gzip.decompress(body))["numberReturned"] == len(atlas.layer("ports"))


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_end_ends_with_its_workers_and_finishes_what_it_began(atlas_home, told):
    with served(atlas_home, "--workers", "2") as (server, port):
        begun = workers(server)
        assert len(begun) == 2
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.sendall(b"GET /export?f=html&layers=ports HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            time.sleep(0.2)
            server.send_signal(told)
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.rstrip().endswith(b"</html>")
        assert server.wait(timeout=30) == 0
        assert server.stdout.read() == ""
        assert server.stderr.read() == ""
        assert until(lambda: not any(map(alive, begun)))


def test_a_worker_that_dies_is_replaced(atlas_home):
    with served(atlas_home, CORRIDOR_WORKERS="2") as (server, port):
        first = workers(server)
        assert len(first) == 2
        os.kill(min(first), signal.SIGKILL)
        assert until(lambda: len(workers(server) - first) == 1)
        assert until(lambda: all(ask(port, "/healthz")[0] == 200 for _ in range(8)))


def test_workers_die_with_their_parent(atlas_home):
    with served(atlas_home, "--workers", "2") as (server, _):
        left = workers(server)
        server.kill()
        server.wait()
        assert until(lambda: not any(map(alive, left)))


def test_a_port_that_another_of_our_servers_has_is_not_shared(atlas_home, port):
    command = [sys.executable, "-m", "web.cli", "serve", "--port", str(port)]
    environment = {**os.environ, "CORRIDOR_HOME": str(atlas_home)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(
        f"http://127.0.0.1:{port} cannot be served: Address already in use. Choose another port: --port"
    )


def test_a_new_release_is_taken_up_and_no_request_is_dropped(world, tmp_path):
    home = tmp_path / "home"
    before = world.build(home).release.id
    with served(home, "--workers", "2") as (_, port):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

        def release():
            line.request("GET", "/collections/ports/items?region=RU")
            answer = line.getresponse()
            assert answer.status == 200
            return json.loads(answer.read())["release"]

        assert release() == before
        world.add("ports/claims.csv", "pevek,throughput_t_y,674,kt/y,,2025,survey,\n")
        with subprocess.Popen([sys.executable, "-c", BUILD, str(home), str(world.root)], cwd=ROOT) as building:
            seen = {release() for _ in iter(building.poll, 0)}
        assert until(lambda: release() != before, 10)
        assert before in seen
        line.close()


BUILD = """
import sys
from pathlib import Path
from layers.build import build
from layers.stores.files import FileStore
build(FileStore(Path(sys.argv[1])), data=Path(sys.argv[2]), layers=("ports", "trade-routes"))
"""
