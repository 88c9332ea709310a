"""Content negotiation by `Accept-Encoding` (RFC 9110 §12.5.3)."""


def accepts_gzip(accept_encoding: str | None) -> bool:
    """True if a client accepts gzip, by the header's value; without the header, it does not.

    A named coding takes precedence over `*`, and a weight of 0 refuses.
    """
    weights = dict(map(_weighed, (accept_encoding or "").lower().split(",")))
    named = [weights[name] for name in ("gzip", "x-gzip", "*") if name in weights]
    return bool(named) and named[0] > 0


def _weighed(coding: str) -> tuple[str, float]:
    name, _, parameter = coding.partition(";")
    key, _, weight = parameter.partition("=")
    if key.strip() != "q":
        return name.strip(), 1.0
    try:
        return name.strip(), float(weight)
    except ValueError:
        return name.strip(), 0.0
