import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from werkzeug.test import Client

from web.app import create_app
from web.deadline import Guard, TimeIsUp
from web.settings import Settings

ROOT = Path(__file__).parents[2]


def busy(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


@pytest.fixture
def app(atlas):
    return create_app(atlas, Settings(request_seconds=0.2))


def test_what_works_too_long_is_broken_off_with_a_503_and_the_next_is_answered(app, caplog):
    app.add_url_rule("/long", "long", lambda: busy(20))
    client = Client(Guard(app, 0.2, give_up=lambda: None))
    begun = time.monotonic()
    response = client.get("/long")
    assert time.monotonic() - begun < 10
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert "broken off after 0.2 seconds. Ask for less" in response.json["detail"]
    assert "GET /long was broken off after 0.2 s" in caplog.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert client.get("/healthz").status_code == 200


def test_what_is_broken_off_outside_of_the_application_is_a_503_as_well():
    def application(environ, start_response):
        busy(20)

    response = Client(Guard(application, 0.2, give_up=lambda: None)).get("/")
    assert (response.status_code, response.text) == (503, "The answer took too long.\n")


def test_an_answer_in_time_is_never_broken_off():
    def application(environ, start_response):
        busy(0.25)  # about as long as it may, so that some end just when the time is up
        start_response("200 OK", [])
        return [b"done"]

    client = Client(Guard(application, 0.2, give_up=lambda: None))
    for _ in range(8):
        assert client.get("/").status_code in (200, 503)
        busy(0.15)  # nothing is raised here, after the answer


def test_a_fault_of_the_time_is_kept_by_nothing_that_gathers_faults():
    from geo.errors import Faults

    def work():
        raise TimeIsUp

    with pytest.raises(TimeIsUp):
        Faults().attempt(work)


def test_a_worker_that_cannot_be_broken_off_is_ended():
    script = textwrap.dedent("""
        import time
        from werkzeug.test import Client
        from web.deadline import Guard
        Client(Guard(lambda environ, start: time.sleep(60), 0.2)).get("/")
    """)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=30)
    assert done.returncode == 1
