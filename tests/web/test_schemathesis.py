"""5,000 requests made from our own description of the API: what it promises is kept, what it forbids is refused.

Two things no schema can say. That a box's south is not above its north, that a text is a condition in CQL2 or that a region
is known by its name: so a request that fits the description may still be a 400, and ``positive_data_acceptance`` is left out.
And that a limit above the maximum is no error (OGC API – Features Part 1, /req/core/fc-limit-response-1 C): so what is here
in place of ``negative_data_rejection`` passes over it, and over the redirect by which a page drops what its form left empty.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from web.settings import LARGEST_LIMIT

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

CASES = 5000
LEFT_OUT = ("positive_data_acceptance", "negative_data_rejection")


def test_5000_requests_made_from_the_description_are_answered_as_it_says(app):
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    left_out = [CHECKS.get_one(name) for name in LEFT_OUT]
    operations = [found.ok() for found in schemathesis.openapi.from_wsgi("/api", app).get_all_operations()]
    asked = 0

    def hold(case):
        nonlocal asked
        asked += 1
        response = case.call(headers={"Accept-Encoding": "identity"})  # over WSGI nothing is decoded for us
        case.validate_response(response, excluded_checks=left_out)
        if case.meta.generation.mode.is_negative and not _asks_for_too_many(case) and not _is_unsaid(case):
            assert response.status_code >= 400 or _drops_what_is_empty(case, response), case.as_curl_command()

    # A path without parameters has few cases that differ; the others make up for it.
    with_words = [operation for operation in operations if len(list(operation.iter_parameters())) > 1]
    for modes, chosen, each in (
        (list(schemathesis.GenerationMode), operations, 20),
        (list(schemathesis.GenerationMode), with_words, -(-CASES // (2 * len(with_words))) + 40),
    ):
        for operation in chosen:
            for mode in modes:
                _run(operation, mode, each, hold)
    assert asked >= CASES


def _run(operation, mode, most, hold):
    @settings(max_examples=most, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(operation.as_strategy(generation_mode=mode))
    def run(case):
        hold(case)

    try:
        run()
    except Unsatisfiable:
        assert mode.is_negative  # a path without parameters has no wrong ones


def _asks_for_too_many(case):
    limit = str((case.query or {}).get("limit", ""))
    return limit.isdecimal() and int(limit) > LARGEST_LIMIT


def _is_unsaid(case):
    """Whether what is wrong with a request is a parameter with no value at all, which no address carries."""
    return any(value in ([], {}) for value in (case.query or {}).values())


def _drops_what_is_empty(case, response):
    left = response.headers.get("location", [""])[0].partition("?")[2]
    emptied = any(value == "" for value in (case.query or {}).values())
    return response.status_code == 303 and emptied and not any(pair.endswith("=") for pair in left.split("&") if pair)
