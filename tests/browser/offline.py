"""The page without network: opened anew, updated as a whole, out of the way of all else, and removed."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, expect

from loadtests.harness.processes import SERVE, Serving, serving
from tests.browser.browser import browsing
from tests.browser.builds import OTHER_TITLE, Builds, builds
from tests.browser.playground import Playground
from tests.browser.promise import SECRET, rank
from tests.browser.recording import Recording
from tests.browser.updates import STORED

_FILES = "/playground/"
_ASKED_AT_OPENING = {"/", "/v1/catalogue", "/v1/model/"}
_REGISTRATIONS = "async () => (await navigator.serviceWorker.getRegistrations()).length"
_CACHES = "async () => (await caches.keys()).sort()"
_REGISTER = """async () => {
  const registered = await navigator.serviceWorker.register("/playground/service-worker.js", {scope: "/"});
  await navigator.serviceWorker.ready;
  return registered.scope;
}"""
# What became of an update: the state that the new worker ends in.
_UPDATE = """async () => {
  const registered = await navigator.serviceWorker.getRegistration("/");
  await registered.update().catch(() => undefined);
  const worker = registered.installing;
  if (worker) await new Promise((resolve) => worker.addEventListener("statechange", resolve, {once: true}));
  return (worker ?? registered.waiting ?? registered.active).state;
}"""
_FETCH = """async (asked) => {
  for (const [method, path] of asked) await (await fetch(path, {method})).arrayBuffer();
}"""


def check(browser: Browser, folder: Path) -> None:
    """Visit with the network, without it, and after a removal; then visit one build after another.

    Raises:
        AssertionError: the page does not open, something leaves it, or its service worker touches what is not its own.
    """
    with serving([*SERVE, "--demo"]) as service, browsing(browser) as context:
        recording = Recording.of(context)
        playground = Playground.open(context.new_page(), service.url)
        assert playground.page.evaluate(_REGISTRATIONS) == 0, "a worker was registered unasked"
        playground.move_to_device()
        playground.wait_until_kept()
        assert not recording.complaints, f"the browser complained: {recording.complaints}"
        playground.page.close()
        _check_others(context, service, recording)
        _check_alone(context, service, recording)
        _check_removed(context, service)
    with builds(folder) as shop, browsing(browser) as context:
        _check_builds(context, shop)


def _check_others(context: BrowserContext, service: Serving, recording: Recording) -> None:
    """The service worker answers for the page and its files, and for no other request."""
    mark = len(recording.requests)
    page = context.new_page()
    playground = Playground.open(page, service.url)
    playground.type("standing order")
    playground.move_to_device()
    expect(playground.model).to_contain_text("Kept here")
    page.evaluate(
        _FETCH,
        [
            ["GET", "/docs"],
            ["POST", "/v1/rank"],
            ["POST", "/"],
            ["GET", "/?text=1"],
            ["GET", "/playground/licences.txt"],
            ["GET", "/playground/manifest.webmanifest"],
        ],
    )
    page.goto(f"{service.url}/v1/info")
    seen = recording.since(mark)
    assert {"/", "/v1/catalogue", "/v1/rank", "/v1/model/", "/v1/info", "/docs"} <= {_path(one) for one in seen}
    for request in seen:
        own = request.method == "GET" and (request.url == f"{service.url}/" or _is_file(request))
        if request.service_worker:  # what the worker asks for itself
            assert own or _path(request) == "/playground/service-worker.js", f"the worker asked for {request.url}"
        elif request.failure is None:  # typing on aborts what is in work
            assert _by_worker(request) == own, f"{request.method} {request.url}: {own=}"
    page.close()


def _check_alone(context: BrowserContext, service: Serving, recording: Recording) -> None:
    """With the network cut and the service stopped, the page opens anew and ranks, and no request leaves it."""
    context.set_offline(True)
    service.process.terminate()
    service.process.wait()
    for offline in (True, False):  # then with a network again, in which there is no service
        context.set_offline(offline)
        mark = len(recording.requests)
        playground = Playground.open_alone(context.new_page(), service.url)
        asked = len(recording.requests)
        rank(playground)
        playground.titles.nth(3).click()
        assert not recording.since(asked), f"asked for {recording.addresses(asked)}"
        expect(playground.kept).to_contain_text("The page and its items are those kept here.")
        for request in recording.since(mark):
            if request.failure is None:
                assert _by_worker(request), f"{request.url} was answered"
            else:
                assert _path(request) in _ASKED_AT_OPENING, f"{request.url} was asked for"
                assert (request.method, request.post_data) == ("GET", None)
        assert not recording.holding(SECRET, mark), f"{recording.holding(SECRET, mark)} had what was typed"
        playground.page.close()
    assert not recording.elsewhere(service.url), f"asked elsewhere: {recording.elsewhere(service.url)}"


def _check_removed(context: BrowserContext, service: Serving) -> None:
    """A button removes all that is kept, without network too; then the page needs the service."""
    playground = Playground.open_alone(context.new_page(), service.url)
    page = playground.page
    assert page.evaluate(_REGISTRATIONS) == 1
    assert len(page.evaluate(_CACHES)) == 2
    page.get_by_role("button", name="Remove from this device").click()
    expect(playground.kept).to_contain_text("Nothing is kept")
    expect(playground.model).to_contain_text("Nothing is kept")
    assert page.evaluate(_REGISTRATIONS) == 0
    assert page.evaluate(_CACHES) == []
    assert page.evaluate(STORED) == {"files": 0, "chunks": 0, "id": None}
    playground.type("split a dinner bill")
    page.close()
    assert not _opens(context.new_page(), service.url)


def _check_builds(context: BrowserContext, shop: Builds) -> None:
    """A new build is shown at the next visit, and kept as a whole or not at all; a page that is gone is not kept."""
    page = context.new_page()
    page.goto(shop.url)
    assert page.evaluate(_REGISTER) == f"{shop.url}/"
    page.close()
    first = _alone(context, shop)

    # One process of the service has the new worker, another one still the old page: the old build stays, whole.
    mixed = {**shop.second, "index.html": shop.first["index.html"]}
    shop.serve(mixed)
    page = context.new_page()
    page.goto(shop.url)
    assert page.evaluate(_UPDATE) == "redundant"
    page.close()
    assert _alone(context, shop) == first

    shop.serve(shop.second)
    page = context.new_page()
    page.goto(shop.url)
    assert page.title() == OTHER_TITLE
    assert "index-Another1.js" in json.dumps(_scripts(page))
    assert page.evaluate(_UPDATE) in {"installed", "activated"}
    page.close()
    second = _alone(context, shop)
    assert second == (OTHER_TITLE, ["index-Another1.js"]), f"{second} is shown without network"

    shop.serve(shop.first)  # rolled back
    page = context.new_page()
    page.goto(shop.url)
    assert (page.title(), _scripts(page)) == first
    assert page.evaluate(_UPDATE) in {"installed", "activated"}
    page.close()
    assert _alone(context, shop) == first

    shop.serve({})
    page = context.new_page()
    answer = page.goto(shop.url)
    assert answer
    assert answer.status == 404
    page.close()
    context.set_offline(True)
    assert not _opens(context.new_page(), shop.url), "the page outlives the service's own"


def _alone(context: BrowserContext, shop: Builds) -> tuple[str, list[str]]:
    """The title and the script of the page that is shown without network."""
    context.set_offline(True)
    page = context.new_page()
    page.goto(shop.url)
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert len(page.evaluate(_CACHES)) == 1, f"more is kept than a build: {page.evaluate(_CACHES)}"
    shown = page.title(), _scripts(page)
    page.close()
    context.set_offline(False)
    return shown


def _scripts(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...document.scripts].map(({src}) => src.split('/').pop())")
    return found


def _opens(page: Page, url: str) -> bool:
    try:
        page.goto(url)
    except Error:
        return False
    return True


def _by_worker(request: Request) -> bool:
    response = request.response()
    assert response, f"{request.url} was not answered"
    return response.from_service_worker


def _path(request: Request) -> str:
    return urlsplit(request.url).path


def _is_file(request: Request) -> bool:
    """True of a file whose name depends on its content."""
    name = _path(request).rpartition("/")[2]
    return _path(request).startswith(_FILES) and "-" in name and name != "service-worker.js"
