"""The proof of what the playground promises: on the device, no text leaves it, and no network is needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Browser, Request

from loadtests.harness.processes import Serving
from tests.browser.browser import browsing
from tests.browser.playground import Playground
from tests.browser.recording import Recording, body_bytes

_LEAST_MODEL_BYTES = 1_000_000
_MOST_MODEL_BYTES = 1_910_000
_ASKED = {  # query: the title that is to come first
    "split a dinner bill": "Split a bill",
    "send money abroad": "International money transfer",
    "standing order": "Standing order",
}
SECRET = "quokka"  # a word that is in nothing which the page or the service has of itself


@dataclass(frozen=True)
class Loaded:
    """Bytes of what the browser fetched: bodies, compressed where they came so.

    Attributes:
        page: of the page, its style, its script, its service worker.
        catalogue: of the items.
        model: of the model's files, and of the listing that names them.
        runtime: of ONNX Runtime's WebAssembly.
        worker: of the worker's script, the device library in it.
    """

    page: int
    catalogue: int
    model: int
    runtime: int
    worker: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.page + self.catalogue + self.model + self.runtime + self.worker


def prove(browser: Browser, service: Serving) -> Loaded:
    """Switch to the device, type while the network is there, then without it and with the service stopped.

    Raises:
        AssertionError: a promise is broken; the message says which.
    """
    with browsing(browser) as context:
        recording = Recording.of(context)
        page = context.new_page()
        playground = Playground.open(page, service.url)
        playground.move_to_device()
        playground.wait_until_kept()
        page.wait_for_load_state("networkidle")
        count = len(recording.requests)
        loaded = _loaded(recording.requests, playground.worker_bytes())
        assert loaded.model > _LEAST_MODEL_BYTES, "the recording misses what the worker asks for"
        assert loaded.model <= _MOST_MODEL_BYTES, f"the model took {loaded.model:,} bytes"

        rank(playground)  # what would leave the page, could
        assert not recording.since(count), f"asked for {recording.addresses(count)}"

        context.set_offline(True)
        service.process.terminate()
        service.process.wait()
        rank(playground)
        playground.titles.nth(3).click()
        assert not recording.since(count), f"asked for {recording.addresses(count)}"

        assert not recording.elsewhere(service.url), f"asked elsewhere: {recording.elsewhere(service.url)}"
        assert not recording.holding(SECRET), f"what was typed was in the request of {recording.holding(SECRET)}"
        assert not recording.complaints, f"the browser complained: {recording.complaints}"
    return loaded


def rank(playground: Playground) -> None:
    """Ask on the device; the right items come first, and the page tells of no request.

    Raises:
        AssertionError: they do not, or it does.
    """
    playground.type(SECRET)
    for query, best in _ASKED.items():
        playground.type(query)
        assert playground.best() == best, f"{query}: {playground.best()} came first"
        assert "on this device" in playground.readout.inner_text()
        assert playground.requests_told() == "0"


def _loaded(requests: Sequence[Request], worker: int) -> Loaded:
    def of(kind: str) -> int:
        return body_bytes([request for request in requests if _kind(request.url) == kind])

    return Loaded(page=of("page"), catalogue=of("catalogue"), model=of("model"), runtime=of("runtime"), worker=worker)


def _kind(url: str) -> str:
    parts = {
        "/v1/rank": "rank",
        "/v1/catalogue": "catalogue",
        "/v1/model/": "model",
        ".wasm": "runtime",
        "/worker-": "worker",
    }
    return next((kind for part, kind in parts.items() if part in url), "page")
