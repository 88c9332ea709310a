"""A build's pages on a phone, on a desk, in the dark, and on paper."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from model_build.report.family import write_family
from model_build.report.write import write_report
from tests.browser.browser import DESKTOP, NARROW, PHONE, Scheme, Screen, browsing
from tests.model_build.report.reports import EVALUATION, REPORT

_SCREENS: tuple[tuple[Screen, Scheme], ...] = ((DESKTOP, "light"), (PHONE, "light"), (PHONE, "dark"), (NARROW, "light"))


def check(browser: Browser, pictures: Path | None = None) -> int:
    """Open a report and a family's page on every screen, and print them. Returns how many pages were looked at.

    Raises:
        AssertionError: a page must be scrolled sideways, a plot does not load or is shrunk, a dark page is light, or
            a table is cut off on paper.
    """
    looked_at = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_report(REPORT, folder)
        write_family(EVALUATION, folder)
        for name in ("report", "family"):
            for screen, scheme in _SCREENS:
                with browsing(browser, screen, scheme) as context:
                    page = context.new_page()
                    page.goto((folder / f"{name}.html").as_uri())
                    _look(page, scheme)
                    if pictures:
                        page.screenshot(path=pictures / f"{name}-{screen.name}-{scheme}.png", full_page=True)
                looked_at += 1
            with browsing(browser) as context:
                page = context.new_page()
                page.goto((folder / f"{name}.html").as_uri())
                _print(page)
            looked_at += 1
    return looked_at


def _look(page: Page, scheme: Scheme) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{page.url} is {wide} pixels too wide"
    torn = page.evaluate("[...document.images].filter(image => !image.naturalWidth).map(image => image.alt)")
    assert not torn, f"{page.url}: plots that do not load: {torn}"
    shrunk = page.evaluate(
        "[...document.images].filter(one => one.width < 0.75 * one.naturalWidth).map(one => one.alt)"
    )
    assert not shrunk, f"{page.url}: plots too small to read: {shrunk}"
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    dark = sum(int(part) for part in paper.removeprefix("rgb(").removesuffix(")").split(",")) < 3 * 128
    assert dark == (scheme == "dark"), f"{page.url} in {scheme} is {paper}"


def _print(page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 less its margins, at 96 pixels an inch
    cut = page.evaluate("[...document.querySelectorAll('table')].filter(one => one.scrollWidth > innerWidth).length")
    assert not cut, f"{page.url}: {cut} tables are wider than the paper"
    assert page.pdf(format="A4").startswith(b"%PDF")
