"""The model in the browser: kept, updated, gone back from, resumed, forgotten; whatever fails, the old one ranks."""

from dataclasses import dataclass
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, BrowserContext, Route, expect

from loadtests.faults.proxy import Fault, fault_proxy
from tests.browser.browser import browsing
from tests.browser.playground import Playground
from tests.browser.recording import Recording, body_bytes
from tests.browser.releasing import Releasing, releasing

_ROUTES = "**/v1/model/**"
_QUERY = "split a dinner bill"
_BEST = "Split a bill"
_CUT_BYTES = 900_000
_REFUSES = "IDBFactory.prototype.open = () => { throw new DOMException('refused', 'SecurityError'); };\n"
STORED = """async () => {
  const open = indexedDB.open("edge-rank");
  const database = await new Promise((resolve, reject) => {
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  const all = (name) => new Promise((resolve) => {
    const asked = database.transaction(name).objectStore(name).getAll();
    asked.onsuccess = () => resolve(asked.result);
  });
  const [state] = await all("state");
  const found = {files: (await all("files")).length, chunks: (await all("chunks")).length, id: state?.deviceId ?? null};
  database.close();
  return found;
}"""


@dataclass(frozen=True)
class Moved:
    """Bytes of the model that the browser loaded, the list of models left out.

    Attributes:
        first: on the first visit.
        again: on the next one.
        delta: for another revision, as a delta.
        resumed: after a download was cut, for the rest.
    """

    first: int
    again: int
    delta: int
    resumed: int


@dataclass(frozen=True)
class _Visitor:
    """A browser with one open page, and what it asked for."""

    context: BrowserContext
    playground: Playground
    recording: Recording

    @classmethod
    def of(cls, context: BrowserContext, url: str) -> "_Visitor":
        """One that has the page before it."""
        recording = Recording.of(context)
        return cls(context, Playground.open(context.new_page(), url), recording)

    def reload(self) -> None:
        """Visit anew, and rank on the device."""
        self.playground.page.reload()
        self.playground.move_to_device()

    def loaded(self, mark: int) -> tuple[list[str], int]:
        """The requests for the model after a number of requests: ends of addresses, and bytes."""
        self.playground.page.wait_for_load_state("networkidle")
        found = [one for one in self.recording.since(mark) if "/v1/model/" in one.url]
        files = [one for one in found if not one.url.endswith("/v1/model/")]
        return [one.url.rpartition("/v1/model/")[2][65:] for one in files], body_bytes(files)

    def ranks(self, revision: str) -> None:
        """Make sure that a revision is told, and ranks."""
        expect(self.playground.model).to_contain_text(revision[:12])
        self.playground.type(_QUERY)
        assert self.playground.best() == _BEST
        assert "on this device" in self.playground.readout.inner_text()

    def order(self, name: str, told: str) -> None:
        """Press a button of the model, and wait for what becomes of it."""
        self.playground.model.get_by_role("button", name=name).click()
        expect(self.playground.model.locator(".news")).to_contain_text(told, timeout=30_000)


def check(browser: Browser, folder: Path) -> Moved:
    """Release models to one browser, then have another one's download cut, and a third refuse to keep anything.

    Raises:
        AssertionError: a model is loaded, kept or left otherwise than it should be.
    """
    with releasing(folder) as shop:
        with browsing(browser) as context:
            visitor = _Visitor.of(context, shop.service.url)
            first, again = _check_kept(visitor, shop)
            delta = _check_candidate(visitor, shop)
            _check_released(visitor, shop)
            _check_spoilt(visitor, shop)
            _check_alone(visitor, shop)
            _check_forgotten(visitor, shop)
        with browsing(browser) as context:
            _check_refused(context, shop)
        resumed = _check_cut(browser, shop)
    return Moved(first, again, delta, resumed)


def _check_kept(visitor: _Visitor, shop: Releasing) -> tuple[int, int]:
    """The first visit loads the model, the next one no byte of it."""
    visitor.playground.move_to_device()
    visitor.ranks(shop.revisions["first"])
    expect(visitor.playground.model).to_contain_text("Files, 1.91 MB")
    _, first = visitor.loaded(0)
    mark = len(visitor.recording.requests)
    visitor.reload()
    visitor.ranks(shop.revisions["first"])
    expect(visitor.playground.model).to_contain_text("Kept here")
    paths, again = visitor.loaded(mark)
    assert not paths, f"a kept model asked for {paths}"
    return first, again


def _check_candidate(visitor: _Visitor, shop: Releasing) -> int:
    """At 0 percent it is not taken; at 100 it is, as a delta; one can go back, and take it again."""
    shop.offer("second", 0)
    visitor.order("Look for an update", "should have")
    visitor.ranks(shop.revisions["first"])
    score = visitor.playground.page.locator(".score").first
    before = score.inner_text()

    shop.offer("second", 100)
    mark = len(visitor.recording.requests)
    visitor.order("Look for an update", "ranks now")
    visitor.ranks(shop.revisions["second"])
    expect(visitor.playground.model).to_contain_text("A delta of")
    paths, delta = visitor.loaded(mark)
    assert paths == [f"delta/{shop.revisions['first']}"], f"asked for {paths}"
    assert score.inner_text() != before, "the new weights do not rank"

    mark = len(visitor.recording.requests)
    visitor.order("Go back", "The earlier model ranks again")
    visitor.ranks(shop.revisions["first"])
    assert score.inner_text() == before
    assert not visitor.recording.since(mark), f"going back asked for {visitor.recording.addresses(mark)}"
    visitor.order("Look for an update", "went back from")
    visitor.order("Take it again", "ranks now")
    visitor.ranks(shop.revisions["second"])
    shop.offer("second", 0)
    visitor.order("Look for an update", "ranks now")
    visitor.ranks(shop.revisions["first"])
    shop.withdraw()
    return delta


def _check_released(visitor: _Visitor, shop: Releasing) -> None:
    """The model that is served now is taken at the next switch to the device, without a reload."""
    shop.serve("third")
    visitor.playground.page.get_by_role("radio", name="On the server").check()
    visitor.playground.move_to_device()
    visitor.ranks(shop.revisions["third"])
    expect(visitor.playground.model).to_contain_text("A delta of")
    assert visitor.playground.requests_told() == "0"


def _check_spoilt(visitor: _Visitor, shop: Releasing) -> None:
    """A file with a wrong checksum is refused, and the model that was there ranks."""
    shop.offer("second", 100)

    def spoil(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=bytes(byte ^ 1 for byte in answer.body()))

    for path in ("**/delta/*", "**/ranker.json"):
        visitor.context.route(path, spoil)
    visitor.order("Look for an update", "ranker.json does not match its checksum. The model that was here ranks on.")
    visitor.ranks(shop.revisions["third"])
    visitor.context.unroute_all()
    visitor.order("Look for an update", "ranks now")
    visitor.ranks(shop.revisions["second"])


def _check_alone(visitor: _Visitor, shop: Releasing) -> None:
    """A kept model ranks where the service does not release any; then its complaints are those of the test alone."""
    assert not visitor.recording.complaints, f"the browser complained: {visitor.recording.complaints}"
    visitor.context.route(_ROUTES, lambda route: route.abort())
    visitor.reload()
    visitor.ranks(shop.revisions["second"])
    expect(visitor.playground.model).to_contain_text("The model that was here ranks on.")
    visitor.context.unroute_all()


def _check_forgotten(visitor: _Visitor, shop: Releasing) -> None:
    """The device's id was never sent; what is forgotten is gone, and ranks until the page is left."""
    page = visitor.playground.page
    device_id = page.evaluate(STORED)["id"]
    assert len(device_id) == len("01234567-89ab-cdef-0123-456789abcdef")
    assert not visitor.recording.holding(device_id), "the device's id was sent"
    page.get_by_role("button", name="Remove from this device").click()
    expect(visitor.playground.model.locator(".news")).to_contain_text("Nothing is kept")
    assert page.evaluate(STORED) == {"files": 0, "chunks": 0, "id": None}
    visitor.ranks(shop.revisions["second"])
    shop.withdraw()
    visitor.reload()
    visitor.ranks(shop.revisions["third"])
    expect(visitor.playground.model).to_contain_text("Files, 1.91 MB")


def _check_refused(context: BrowserContext, shop: Releasing) -> None:
    """A browser that keeps nothing ranks all the same."""

    def refuse(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=_REFUSES + answer.text())

    context.route("**/worker-*.js", refuse)
    visitor = _Visitor.of(context, shop.service.url)
    visitor.playground.move_to_device()
    visitor.ranks(shop.revisions["third"])
    expect(visitor.playground.model).to_contain_text("This browser keeps nothing")


def _check_cut(browser: Browser, shop: Releasing) -> int:
    """A download that is cut is told, and goes on where it ended.

    Returns:
        Bytes that the second attempt loaded.
    """
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(fault_proxy(shop.service.port)) as proxy,
        browsing(browser) as context,
    ):
        visitor = _Visitor.of(context, f"http://127.0.0.1:{proxy.port}")
        page = visitor.playground.page
        proxy.cut_bytes = _CUT_BYTES
        portal.call(proxy.become, Fault.CUT)
        page.get_by_role("radio", name="On this device").check()
        expect(page.get_by_role("alert")).to_contain_text("the connection failed")
        portal.call(proxy.become, Fault.NONE)
        mark = len(visitor.recording.requests)
        page.get_by_role("button", name="Try again").click()
        expect(visitor.playground.readout).to_contain_text("on this device", timeout=60_000)
        visitor.ranks(shop.revisions["third"])
        parts = [request for request in visitor.recording.since(mark) if "range" in request.all_headers()]
        assert parts, "the download began anew"
        return visitor.loaded(mark)[1]
