"""Reasons for a degraded answer."""

from typing import Literal

Degradation = Literal["feature_store", "deadline"]
