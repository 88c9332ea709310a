"""Worker processes share what was imported before they began."""

import multiprocessing
import sys

import pytest

from service.server.process_context import process_context


def imported(name: str) -> bool:
    return name in sys.modules


def test_a_process_begins_with_what_a_worker_needs_already_imported() -> None:
    with process_context().Pool(1) as pool:
        assert pool.apply(imported, ("service.server.serving",))


def test_other_systems_start_new_interpreters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert process_context() is multiprocessing.get_context("spawn")
