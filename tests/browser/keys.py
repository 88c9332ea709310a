"""A service with API keys: the page comes without one, and asks for it where it is needed."""

import hashlib
from pathlib import Path

from playwright.sync_api import Browser, expect

from loadtests.harness.processes import SERVE, serving
from tests.browser.browser import browsing
from tests.browser.playground import Playground

_KEY = "a-key-of-the-check"


def check(browser: Browser, folder: Path) -> None:
    """Try a wrong key, then the right one, then the device; the key is kept nowhere.

    Raises:
        AssertionError: the page does not say what it needs, or remembers the key.
    """
    digest = hashlib.sha256(_KEY.encode()).hexdigest()
    file = folder / "keys.toml"
    file.write_text(f'[keys.check]\nsha256 = "{digest}"\n', encoding="utf-8")
    with (
        serving([*SERVE, "--demo"], environment={"EDGE_RANK_API_KEYS_FILE": str(file)}) as service,
        browsing(browser) as context,
    ):
        page = context.new_page()
        page.goto(service.url)
        expect(page.get_by_text("answers only with an API key")).to_be_visible()
        for key, then in (("wrong", page.get_by_role("alert")), (_KEY, page.locator(".result-title").first)):
            page.get_by_label("API key").fill(key)
            page.get_by_role("button", name="Use this key").click()
            expect(then).to_be_visible()
        playground = Playground(page)
        playground.type("standing order")
        playground.move_to_device()
        playground.type("split a dinner bill")
        assert playground.best() == "Split a bill"
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
        assert _KEY not in kept
        page.reload()
        expect(page.get_by_label("API key")).to_be_visible()
