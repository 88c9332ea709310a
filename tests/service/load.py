"""Clients that ask a service over connections that they keep, and tell what became of what they sent."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

BODY = json.dumps({"query": "taxi", "candidates": [{"id": "a", "text": "taxi ride"}, {"id": "b", "text": "bill"}]})


@contextmanager
def asking(port: int, clients: int = 8, *, pause_s: float = 0.002) -> Iterator[Counter[str]]:
    """Have so many clients rank until the block ends; gives counts of statuses, or of what went wrong.

    `refused` are connections that nobody listened for: nothing was sent.
    """
    outcomes: Counter[str] = Counter()
    lock, stop = threading.Lock(), threading.Event()

    def ask() -> None:
        connection: http.client.HTTPConnection | None = None
        while not stop.is_set():
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    connection.connect()
            except ConnectionRefusedError:
                outcome, connection = "refused", None
                time.sleep(0.05)
            except OSError as error:
                outcome, connection = f"connecting: {type(error).__name__}", None
            else:
                outcome, connection = _ask(connection)
            with lock:
                outcomes[outcome] += 1
            time.sleep(pause_s)
        if connection is not None:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield outcomes
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _ask(connection: http.client.HTTPConnection) -> tuple[str, http.client.HTTPConnection | None]:
    try:
        connection.request("POST", "/v1/rank", BODY, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return type(error).__name__, None
    if answer.will_close:
        connection.close()
        return str(answer.status), None
    return str(answer.status), connection
