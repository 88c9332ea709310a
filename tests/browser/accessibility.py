"""The playground's accessibility: axe-core's rules, the keyboard alone, and narrow screens."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.browser import DESKTOP, NARROW, PHONE, browsing
from tests.browser.playground import Playground

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def check(browser: Browser, url: str) -> int:
    """Check all of it.

    Returns:
        How many of axe-core's rules were passed, summed over its runs.

    Raises:
        SystemExit: axe-core is missing.
        AssertionError: something keeps somebody out; the message says what.
    """
    _check_keyboard(browser, url)
    _check_said(browser, url)
    _check_narrow(browser, url)
    return _check_rules(browser, url)


def _check_rules(browser: Browser, url: str) -> int:
    """Run axe-core's rules of WCAG 2.2, levels A and AA, and its best practices, in both colours and two widths.

    Returns:
        How many rules were passed, summed over the four runs.

    Raises:
        SystemExit: axe-core is missing.
        AssertionError: a rule is broken; the message says which and where.
    """
    if not AXE.is_file():
        raise SystemExit("axe-core is missing: make web")
    passed = 0
    for screen in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            with browsing(browser, screen, scheme, still=True) as context:
                playground = Playground.open(context.new_page(), url)
                playground.move_to_device()
                playground.type("split a dinner bill")
                playground.titles.first.click()
                playground.page.get_by_role("button", name="Why").nth(1).click()
                found = _axe(playground)
                assert not found["violations"], _told(found["violations"])
                passed += len(found["passes"])
    return passed


def _axe(playground: Playground) -> dict[str, Any]:
    playground.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = playground.page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations', 'passes']})", _TAGS
    )
    return found


def _told(violations: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{one['id']}: {one['help']}\n  " + "\n  ".join(node["html"] for node in one["nodes"]) for one in violations
    )


def _check_keyboard(browser: Browser, url: str) -> None:
    """Search, click, skip, ask why and take back without a pointer.

    Raises:
        AssertionError: the focus is not where a person expects it, or a key does not do what it should.
    """
    with browsing(browser) as context:
        playground = Playground.open(context.new_page(), url)
        page, keyboard = playground.page, playground.page.keyboard
        keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the results")).to_be_focused()
        keyboard.press("Enter")
        expect(page.locator("#results")).to_be_focused()

        keyboard.press("/")
        expect(playground.query).to_be_focused()
        keyboard.type("split a dinner bill")
        playground.settle("split a dinner bill")
        keyboard.press("ArrowDown")
        expect(playground.titles.nth(0)).to_be_focused()
        keyboard.press("ArrowDown")
        expect(playground.titles.nth(1)).to_be_focused()
        keyboard.press("End")
        expect(playground.titles.last).to_be_focused()
        keyboard.press("Home")
        keyboard.press("ArrowUp")
        expect(playground.query).to_be_focused()

        keyboard.press("ArrowDown")
        first = playground.best()
        keyboard.press("Enter")
        history = page.get_by_role("region", name="Your history")
        expect(history.get_by_role("listitem")).to_have_text([f"Clicked: {first}"])
        focused = page.locator(":focus")
        expect(focused).to_have_attribute("data-control", "click")
        keyboard.press("Tab")
        keyboard.press("Enter")
        expect(focused).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_role("table", name="What adds up to the score")).to_be_visible()
        keyboard.press("Tab")
        keyboard.press("Enter")
        expect(history.get_by_role("listitem")).to_have_count(1)  # skipped: what was done with it before is undone
        expect(history.get_by_role("listitem")).to_have_text([f"Skipped: {first}"])
        history.get_by_role("button", name="Clear").focus()
        keyboard.press("Enter")
        expect(history.get_by_role("listitem")).to_have_count(0)

        radio = page.get_by_role("radio", name="On the server")
        radio.focus()
        keyboard.press("ArrowLeft")
        expect(page.get_by_role("radio", name="On this device")).to_be_checked()


def _check_said(browser: Browser, url: str) -> None:
    """A screen reader is told what comes first once the typing pauses, and nothing in between.

    Raises:
        AssertionError: it is told more, or nothing.
    """
    with browsing(browser) as context:
        playground = Playground.open(context.new_page(), url)
        said = playground.page.get_by_role("status")
        expect(said).not_to_be_empty()
        said.evaluate(
            "region => { region.said = []; new MutationObserver(() => region.said.push(region.textContent))"
            ".observe(region, {childList: true, characterData: true, subtree: true}); }"
        )
        playground.type("send money abroad")
        expect(said).to_contain_text("send money abroad")
        heard = said.evaluate("region => region.said")
        assert heard == ["First for send money abroad: International money transfer."], (
            f"a screen reader was told {heard}"
        )


def _check_narrow(browser: Browser, url: str) -> None:
    """Nothing is wider than a narrow screen.

    Raises:
        AssertionError: the page scrolls sideways.
    """
    with browsing(browser, NARROW) as context:
        playground = Playground.open(context.new_page(), url)
        playground.move_to_device()
        playground.type("split a dinner bill")
        playground.page.get_by_role("button", name="Why").first.click()
        width = playground.page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW.width, f"{width} pixels on a screen of {NARROW.width}"
