"""What a client takes, and what it has already: `Accept-Encoding` and `If-None-Match` (RFC 9110)."""

import re

_entity_tag = re.compile(r'(?:W/)?("[^"]*")').findall


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether a client takes gzip, by the header's value; one that sends none is given nothing compressed.

    RFC 9110, section 12.5.3: what is named counts before `*`, and a weight of 0 refuses.
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


def has_already(if_none_match: str | None, etag: str) -> bool:
    """Whether a client has the very content that a strong entity tag names, by the header's value.

    RFC 9110, section 13.1.2: compared weakly, for proxies may have made the tag a weak one.
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _entity_tag(if_none_match)
