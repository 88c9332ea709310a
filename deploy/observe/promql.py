"""A partial tokenizer for PromQL: finds the metrics in an expression, and removes its comparisons.

Prometheus itself checks whether an expression is valid.
"""

import re
from collections.abc import Iterator

# The order matters: quoted text, matchers and label lists hold neither metrics nor comparisons.
_TOKENS = re.compile(
    r"""
      (?P<text>"(?:\\.|[^"\\])*")
    | (?P<matchers>\{(?:"(?:\\.|[^"\\])*"|[^}"])*\})
    | (?P<range>\[[^\]]*\])
    | (?P<labels>\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\))
    | (?P<call>[A-Za-z_]\w*(?=\s*(?:\(|by\b|without\b)))
    | (?P<number>\d[\w.]*)
    | (?P<name>[A-Za-z_:][\w:]*)
    | (?P<comparison>(?:==|!=|>=|<=|>|<)(?:\s*bool\b)?)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = frozenset({"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "inf", "nan"})
_ABSENT = re.compile(r"\s*absent\((.*)\)\s*\Z", re.DOTALL)


def metrics_of(expression: str) -> set[str]:
    """The names of metrics in an expression."""
    return {text for kind, text in _tokens(expression) if kind == "name" and text.lower() not in _WORDS}


def opened(expression: str) -> str:
    """Make comparisons return 0 or 1, and remove an outer `absent`.

    The result has a value wherever there are data, whether the alert fires or not.
    """
    inside = _ABSENT.match(expression)
    return "".join(
        f"{text} bool " if kind == "comparison" and not text.endswith("bool") else text
        for kind, text in _tokens(inside[1] if inside else expression)
    )


def with_variables(expression: str, *, job: str, window: str) -> str:
    """The expression with Grafana's variables filled in: all instances of a job, rates over a window."""
    filled = expression.replace("$__rate_interval", window).replace("$job", job).replace("$instance", ".+")
    if "$" in filled:
        raise ValueError(f"a variable that no dashboard declares: {filled}")
    return filled


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    for found in _TOKENS.finditer(expression):
        yield found.lastgroup or "other", found[0]
