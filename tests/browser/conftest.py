"""A real Chromium, and a real server on a free port of this machine."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM

FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (e) => violations.push(e.effectiveDirective + ' ' + e.blockedURI));
"""


class Watched:
    """A page and everything that must not happen on it."""

    def __init__(self, page, own: str) -> None:
        self.page = page
        self.own = own
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("console", lambda m: self.errors.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("dialog", lambda d: (self.dialogs.append(d.message), d.dismiss()))
        page.add_init_script(WATCH)

    def open(self, address: str, ready: str = "body[data-ready]", **how):
        self.page.goto(address)
        self.page.wait_for_selector(ready, **how)
        return self.page

    def foreign(self) -> list[str]:
        return [r for r in self.requests if not r.startswith((self.own, "data:", "blob:"))]

    def check(self) -> None:
        assert self.foreign() == []
        assert self.errors == []
        assert self.dialogs == []
        assert self.page.evaluate("violations") == []


def serve(home: Path):
    """Start the product's own command and return the process and its address."""
    command = [sys.executable, "-m", "web.cli", "serve", "--port", "0"]
    import os

    environment = {**os.environ, "CORRIDOR_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parents[2])
    assert server.stdout is not None
    line = server.stdout.readline()
    assert "http://127.0.0.1:" in line, line
    return server, line.split(" is at ")[1].split(" ")[0]


@pytest.fixture(scope="session")
def server(atlas_home):
    process, address = serve(atlas_home)
    yield address
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watched(chromium, server):
    contexts = []

    def make(own: str = server, **options):
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        return Watched(context.new_page(), own)

    yield make
    for context in contexts:
        context.close()
