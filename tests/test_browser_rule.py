"""A missing browser is a failure in CI and a counted skip elsewhere."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[1]
CONFTEST = """
from pathlib import Path
import tests.conftest as own
own.CHROMIUM = Path("/nowhere/chromium")
pytest_collection_modifyitems = own.pytest_collection_modifyitems
no_browser_in_ci = own.no_browser_in_ci
def pytest_configure(config):
    config.addinivalue_line("markers", "browser: as in pyproject.toml")
"""


@pytest.fixture
def run(pytester, monkeypatch):
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("import pytest\n\n@pytest.mark.browser\ndef test_page():\n    pass\n\ndef test_other():\n    pass\n")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return lambda: pytester.runpytest_subprocess("-ra", "-p", "no:cacheprovider")


def test_it_fails_in_ci(run, monkeypatch):
    monkeypatch.setenv("CI", "true")
    done = run()
    done.assert_outcomes(passed=1, errors=1)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines(["*Chromium is missing at /nowhere/chromium*"])


def test_it_is_a_skip_that_says_why_elsewhere(run, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    done = run()
    done.assert_outcomes(passed=1, skipped=1)
    done.stdout.fnmatch_lines(["SKIPPED*no Chromium at /nowhere/chromium: apt-get install chromium*"])
