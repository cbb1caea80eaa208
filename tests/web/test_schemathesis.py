"""5,000 requests made from our own description of the API: what it promises is kept, what it forbids is refused.

Two things no schema can say. That a box's south is not above its north, that a text is a condition in CQL2 or that a region
is known by its name: so a request that fits the description may still be a 400, and ``positive_data_acceptance`` is left out.
And that a limit above the maximum is no error (OGC API – Features Part 1, /req/core/fc-limit-response-1 C): so what is here
in place of ``negative_data_rejection`` passes over it.
"""

import pytest
from hypothesis import HealthCheck, settings

from web.settings import LARGEST_LIMIT

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

CASES = 5000
OPERATIONS = 26
LEFT_OUT = ("positive_data_acceptance", "negative_data_rejection")


@pytest.fixture(scope="session")
def described(app):
    return schemathesis.openapi.from_wsgi("/api", app)


schema = schemathesis.pytest.from_fixture("described")
count = {"cases": 0}


@schema.parametrize()
@settings(max_examples=-(-CASES // OPERATIONS), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_the_description_is_kept(case):
    from schemathesis.checks import CHECKS

    count["cases"] += 1
    response = case.call()
    case.validate_response(response, excluded_checks=[CHECKS.get_one(name) for name in LEFT_OUT])
    if case.meta and case.meta.generation.mode.is_negative and not _asks_for_too_many(case):
        assert response.status_code >= 400, (case.meta, case.as_curl_command())


def test_there_were_as_many_cases_as_promised():
    assert count["cases"] >= CASES


def _asks_for_too_many(case):
    limit = str(case.query.get("limit", ""))
    return limit.isdecimal() and int(limit) > LARGEST_LIMIT
