"""What an answer may be without, as its `degraded` says."""

from typing import Literal

Degradation = Literal["feature_store", "deadline"]
