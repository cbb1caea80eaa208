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


def application_of(seconds):
    def application(environ, start_response):
        busy(seconds)
        start_response("200 OK", [])
        return [b"done"]

    return application


def test_an_answer_in_time_is_never_broken_off():
    client = Client(Guard(application_of(0.02), 5, give_up=lambda: None))
    assert {client.get("/").status_code for _ in range(8)} == {200}


def test_nothing_is_raised_after_an_answer_that_ends_just_when_its_time_is_up():
    client = Client(Guard(application_of(0.25), 0.2, give_up=lambda: None))
    for _ in range(8):
        client.get("/")
        busy(0.15)  # what was raised for the answer would come through here


def test_a_fault_of_the_time_is_kept_by_nothing_that_gathers_faults():
    from geo.errors import Faults

    def work():
        raise TimeIsUp

    with pytest.raises(TimeIsUp):
        Faults().attempt(work)


def test_the_reading_of_a_filter_keeps_no_fault_of_the_time(monkeypatch):
    from layers import cql2

    def late(text):
        raise TimeIsUp

    monkeypatch.setattr("layers.cql2.text.read_text", late)
    with pytest.raises(TimeIsUp):
        cql2.parse("a = 1")


def test_a_worker_that_cannot_be_broken_off_is_ended():
    script = textwrap.dedent("""
        import time
        from werkzeug.test import Client
        from web.deadline import Guard
        Client(Guard(lambda environ, start: time.sleep(60), 0.2)).get("/")
    """)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=30)
    assert done.returncode == 1
