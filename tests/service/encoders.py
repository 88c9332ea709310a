"""Encoders that behave as a test wants."""

import threading
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
