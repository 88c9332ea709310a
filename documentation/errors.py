"""`docs/reference/errors.md`, from `service/errors.py` and the refusals of the HTTP server."""

from collections.abc import Iterator
from http import HTTPStatus

from documentation.docstrings import summary
from documentation.markdown import code, sentence, table
from service.errors import MAX_DETAILS, ApiError
from service.http import protocol

_HEAD = f"""\
# Errors

Written by `make generated` from `service/errors.py` and `service/http/protocol.py`.

Every error has the same body. Codes are stable and are for programs; messages are for people. Neither repeats what the
client sent.

```json
{{
  "error": {{
    "code": "invalid_request",
    "message": "the request is not valid: see details",
    "request_id": "c03f0a4d005c4bc481e7bd0fad5624ef",
    "details": [{{"field": "options.topn", "message": "Extra inputs are not permitted"}}]
  }}
}}
```

- `request_id` is also in the header `X-Request-ID`. The client's own id is used if it sends one, else the service makes
  one.
- `details` lists at most {MAX_DETAILS} fields, and the message says how many more are wrong. In a body of more than a
  thousand values each list is read up to its first wrong element. No error body takes 20 KB.
- 429 has the header `Retry-After`, in seconds.

"""
_OTHERS = (
    (HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "The route does not take this method"),
    (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "A fault of the service. Its log has the traceback, by request id",
    ),
)
"""Errors that have no class: the router's, and those that nobody expected."""


def page() -> str:
    """The page; the same errors give the same text."""
    rows: dict[tuple[HTTPStatus, str], list[str]] = {}
    for status, error, meaning in (*_raised(ApiError), *_OTHERS, *_refused()):
        meanings = rows.setdefault((status, error), [])
        if meaning not in meanings:
            meanings.append(meaning)
    listed = [
        (str(status.value), code(error), ". ".join(rows[status, error]))
        for status, error in sorted(rows, key=lambda one: (one[0].value, one[1]))
    ]
    return _HEAD + table(("status", "code", "when"), listed)


def _raised(kind: type[ApiError]) -> Iterator[tuple[HTTPStatus, str, str]]:
    """The errors that a request may raise, with what their classes say of them."""
    for one in kind.__subclasses__():
        if hasattr(one, "code"):
            yield one.status, one.code, sentence(summary(one.__doc__))
        yield from _raised(one)


def _refused() -> Iterator[tuple[HTTPStatus, str, str]]:
    """What the server refuses before there is a request."""
    for value in vars(protocol).values():
        if isinstance(value, tuple) and len(value) == 3 and isinstance(value[0], HTTPStatus):
            yield value[0], str(value[1]), sentence(str(value[2]))
