"""The result of an update."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from service.artifact.artifact import label_of

_MOST_NAMED = 8


@dataclass(frozen=True)
class PullResult:
    """What became of the release, and the model in use, with its heads.

    Attributes:
        heads: labels.
        without: why the device has no others that it had or was asked for, by label or name.
        loaded_bytes: of which `head_bytes` for heads.
        by_delta: whether the model's device files came as a delta.
    """

    what: Literal["taken", "kept", "blocked", "rolled back"]
    name: str
    revision: str
    heads: Sequence[str] = ()
    without: Mapping[str, str] = field(default_factory=dict)
    loaded_bytes: int = 0
    head_bytes: int = 0
    by_delta: bool = False

    @property
    def summary(self) -> str:
        """The result in one line."""
        label = label_of(self.name, self.revision) + (f" with {_listed(self.heads)}" if self.heads else "")
        lost = [f"{one} ({why})" for one, why in self.without.items()]
        return label + self._what + (f"; without {_listed(lost)}" if lost else "")

    @property
    def _what(self) -> str:
        if self.what == "taken":
            how = ", as a delta" if self.by_delta else ""
            part = f", {self.head_bytes:,} of them for heads" if self.head_bytes else ""
            return f" is in use now: {self.loaded_bytes:,} bytes loaded{how}{part}"
        if self.what == "kept":
            return " is in use already"
        if self.what == "rolled back":
            return " is in use again; what was in use before is blocked until something else is released"
        return " stays in use: this device rolled back from the current release; --again takes it"


def _listed(names: Sequence[str]) -> str:
    """The names in a line, of many the first ones."""
    shown = list(names[:_MOST_NAMED])
    return ", ".join([*shown, f"{len(names) - len(shown)} more"] if len(names) > len(shown) else shown)
