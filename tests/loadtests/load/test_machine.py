import re

from loadtests.load.machine import code_revision, described_machine, model_of


def test_the_machine_in_words() -> None:
    assert re.fullmatch(r".+, \d+ cores, \d+ GB", described_machine())


def test_the_code() -> None:
    assert re.fullmatch(r"unknown|[0-9a-f]{12,}\+?|.*-g[0-9a-f]{12,}\+?", code_revision())


def test_who_does_not_say_its_model_is_unknown() -> None:
    assert model_of("http://127.0.0.1:9") == "unknown"
