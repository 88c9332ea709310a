"""Encoders that behave as a test wants."""

import threading
import time
from collections.abc import Sequence

from service.encoder.base import Encoding
from service.encoder.fake import FakeEncoder


class GatedEncoder(FakeEncoder):
    """Embeds nothing before its gate is open."""

    def __init__(self, revision: str = "fake") -> None:
        super().__init__(revision=revision)
        self.gate = threading.Event()
        self.waited = False

    def encode(self, texts: Sequence[str]) -> Encoding:
        self.waited = True
        assert self.gate.wait(10)
        return super().encode(texts)


class SlowEncoder(FakeEncoder):
    """Takes its time for each text."""

    def __init__(self, seconds_a_text: float) -> None:
        super().__init__()
        self._seconds_a_text = seconds_a_text

    @property
    def texts(self) -> int:
        """How many it has embedded."""
        return sum(map(len, self.calls))

    def encode(self, texts: Sequence[str]) -> Encoding:
        time.sleep(self._seconds_a_text * len(texts))
        return super().encode(texts)
