"""Debian's Firefox, driven by WebDriver BiDi. Playwright drives a Firefox of its own alone."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import InvalidMessage
from websockets.sync.client import ClientConnection, connect

from loadtests.harness.processes import free_port

_NAMES = ("firefox-esr", "firefox")
_GIVE_UP_S = 60.0
_UNTIL = """(async () => {
  for (const until = performance.now() + %d; performance.now() < until; ) {
    if (await (%s)()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
})()"""


class Tab:
    """A tab of Firefox."""

    def __init__(self, firefox: "Firefox") -> None:
        self._firefox = firefox
        self._id = firefox.call("browsingContext.create", type="tab")["context"]

    def goto(self, url: str) -> None:
        """Open an address, and wait until it is loaded."""
        self._firefox.call("browsingContext.navigate", context=self._id, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, or of the promise that it is, by way of JSON."""
        answer = self._firefox.call(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((found) => JSON.stringify(found ?? null))",
            target={"context": self._id},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def until(self, function: str, seconds: float = _GIVE_UP_S) -> None:
        """Wait until a function without arguments says yes.

        Raises:
            AssertionError: it never did.
        """
        said = self.evaluate(_UNTIL % (int(seconds * 1000), function))
        assert said, f"in Firefox this was not so after {seconds:.0f} s: {function}"

    def close(self) -> None:
        """Close it."""
        self._firefox.call("browsingContext.close", context=self._id)


class Firefox:
    """A Firefox that listens."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._calls = 0
        told = self.call("session.new", capabilities={})
        self.version: str = told["capabilities"]["browserVersion"]

    def call(self, method: str, **parameters: object) -> Mapping[str, Any]:
        """Have a command of WebDriver BiDi carried out.

        Raises:
            AssertionError: Firefox refuses it.
        """
        self._calls += 1
        self._connection.send(json.dumps({"id": self._calls, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv(timeout=2 * _GIVE_UP_S))
            if answer.get("id") == self._calls:
                assert answer["type"] == "success", f"{method}: {answer.get('message')}"
                found: Mapping[str, Any] = answer["result"]
                return found


@contextmanager
def firefox() -> Iterator[Firefox]:
    """A headless Firefox with a fresh profile.

    Raises:
        SystemExit: there is none on this machine.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise SystemExit("firefox is missing: apt-get install firefox-esr")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="firefox-") as profile:
        command = [found, "--headless", "--no-remote", "--profile", profile, f"--remote-debugging-port={port}"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with _connected(port) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()
            process.wait()


def _connected(port: int) -> ClientConnection:
    until = time.monotonic() + _GIVE_UP_S
    while True:
        try:
            return connect(f"ws://127.0.0.1:{port}/session", max_size=None)
        except (OSError, InvalidMessage):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
