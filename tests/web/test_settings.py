import pytest

from geo.errors import InputError
from web import settings
from web.settings import Settings, read


def test_nothing_said_is_the_default():
    assert read({"PATH": "/bin", "CORRIDOR_HOME": "/tmp"}) == Settings()
    assert Settings().workers == 0
    assert 1 <= settings.sensible_workers() <= 4


def test_what_is_said_is_taken():
    said = {"CORRIDOR_WORKERS": "3", "CORRIDOR_REQUEST_SECONDS": "2.5"}
    assert read(said) == Settings(workers=3, request_seconds=2.5)
    tiles = {"CORRIDOR_TILES": "https://tiles.example/{z}/{x}/{y}.png", "CORRIDOR_TILES_ATTRIBUTION": "Example"}
    assert read(tiles).tiles_host == "https://tiles.example"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CORRIDOR_WORKERS", "0", "CORRIDOR_WORKERS '0' is not a whole number from 1 to 64."),
        ("CORRIDOR_WORKERS", "65", "CORRIDOR_WORKERS '65' is not a whole number from 1 to 64."),
        ("CORRIDOR_WORKERS", "two", "is not a whole number"),
        ("CORRIDOR_WORKERS", "٣", "is not a whole number"),
        ("CORRIDOR_REQUEST_SECONDS", "soon", "CORRIDOR_REQUEST_SECONDS 'soon' is not a number of seconds from 1 to 3600"),
        ("CORRIDOR_REQUEST_SECONDS", "nan", "is not a number of seconds"),
        ("CORRIDOR_REQUEST_SECONDS", "0.5", "is not a number of seconds"),
        ("CORRIDOR_REQUEST_SECONDS", "inf", "is not a number of seconds"),
        ("CORRIDOR_WORKER", "2", "CORRIDOR_WORKER is not a setting. Did you mean CORRIDOR_WORKERS"),
        ("CORRIDOR_TILES", "http://tiles.example/", "is not an address of tiles on one host"),
        ("CORRIDOR_TILES", "https://tiles.example/{z}/{x}/{y}.png", "CORRIDOR_TILES needs CORRIDOR_TILES_ATTRIBUTION"),
    ],
)
def test_a_value_that_does_not_serve_is_an_error_that_names_it(name, value, said):
    with pytest.raises(InputError) as error:
        read({name: value})
    assert said in str(error.value)


def test_every_fault_is_said_at_once():
    with pytest.raises(InputError) as error:
        read({"CORRIDOR_WORKERS": "x", "CORRIDOR_REQUEST_SECONDS": "x", "CORRIDOR_TILES": "x", "CORRIDOR_LAYERS": "x"})
    assert len(error.value.faults) == 5  # the tiles have two


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"query_string": "region=" + "x" * settings.LONGEST_WORD}, 404, "No region"),
        ({"query_string": "region=" + "x" * (settings.LONGEST_WORD + 1)}, 400, "at most 4000 are read"),
        ({"query_string": "region=" + "x" * settings.LONGEST_ADDRESS}, 414, "at most 60,000 are read"),
        ({"headers": {"X-Long": "x" * (settings.LARGEST_HEADERS + 1)}}, 431, "at most 32,000 are read"),
        ({"environ_overrides": {"CONTENT_LENGTH": str(settings.LARGEST_BODY + 1)}}, 413, "at most 1,000,000 are read"),
        ({"environ_overrides": {"CONTENT_LENGTH": "100000000"}, "method": "POST"}, 413, "The body is 100000000 bytes long"),
    ],
)
def test_what_is_too_large_is_a_problem_that_says_how_large_it_may_be(client, sent, status, said):
    response = client.open("/collections/ports/items", **sent)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert said in response.json["detail"]
    assert response.json["status"] == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
