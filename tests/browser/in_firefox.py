"""The page in Firefox: it ranks on the device, opens anew without the service, and is removed."""

import json

from loadtests.harness.processes import SERVE, serving
from tests.browser.firefox import Firefox, Tab, firefox

_ASKED = ("split a dinner bill", "Split a bill")
_RANKS = "() => document.querySelector('.readout')?.textContent.includes('on this device')"
_TYPE = """((query) => {
  const field = document.querySelector("#query");
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, query);
  field.dispatchEvent(new Event("input", {bubbles: true}));
})(%s)"""
_PRESS = "[...document.querySelectorAll('button')].find(({textContent}) => textContent === %s).click()"
# Firefox says that it has removed something a little before it has.
_NOTHING_LEFT = """async () =>
  (await navigator.serviceWorker.getRegistrations()).length === 0 && (await caches.keys()).length === 0"""


def check() -> str:
    """Visit with the service, then without it, and remove what is kept.

    Returns:
        Firefox's version.

    Raises:
        AssertionError: the page does not rank, open, or let itself be removed.
    """
    with firefox() as driven, serving([*SERVE, "--demo"]) as service:
        tab = Tab(driven)
        tab.goto(service.url)
        tab.until("() => document.querySelector('.result-title')")
        tab.evaluate("document.querySelector('input[value=device]').click()")
        tab.until(_RANKS)
        _rank(tab)
        tab.until(_said("opens without network"))
        tab.close()

        service.process.terminate()
        service.process.wait()
        tab = Tab(driven)
        tab.goto(service.url)
        tab.until(_RANKS)
        _rank(tab)
        tab.evaluate(_PRESS % json.dumps("Remove from this device"))
        tab.until(_said("Nothing is kept in this browser"))
        tab.until(_NOTHING_LEFT, 10)
        tab.close()
        assert not _opens(driven, service.url)
        return driven.version


def _rank(tab: Tab) -> None:
    query, best = _ASKED
    tab.evaluate(_TYPE % json.dumps(query))
    tab.until(f"() => document.querySelector('#results[data-query={json.dumps(query)}][aria-busy=false]')")
    first = tab.evaluate("document.querySelector('.result-title').innerText.split('\\n')[0]")
    assert first == best, f"{first} came first in Firefox"


def _said(words: str) -> str:
    return f"() => [...document.querySelectorAll('.news')].some((one) => one.textContent.includes({json.dumps(words)}))"


def _opens(driven: Firefox, url: str) -> bool:
    try:
        Tab(driven).goto(url)
    except AssertionError:
        return False
    return True
