import pytest
from jinja2 import UndefinedError

from loadtests.report.templating import markdown, render, share, thousands


def test_texts_mean_nothing_to_markdown() -> None:
    assert markdown("a|b\n<i>*x*</i> [y](z) `q`") == r"a\|b &lt;i&gt;\*x\*&lt;/i&gt; \[y\](z) \`q\`"


def test_counts_and_shares() -> None:
    assert thousands(1_910_000) == "1,910,000"
    assert share(0.9876) == "98.8 %"
    assert share(None) == "-"


def test_a_name_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("report.md.j2", {})
