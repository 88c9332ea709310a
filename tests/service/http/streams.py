"""Streams of requests, right and wrong ones, and the ways in which they may come."""

import random

_METHODS = (b"GET", b"GET", b"POST", b"POST", b"POST", b"HEAD", b"PUT", b"OPTIONS", b"CONNECT", b"PRI", b"get")
_VERSIONS = (b"1.1",) * 8 + (b"1.0", b"2.0", b"0.9")
_CODINGS = (b"chunked",) * 8 + (b"Chunked", b"gzip, chunked", b"identity")
_BEFORE = (b"",) * 6 + (b"\r\n", b"\r\n\r\n", b"\n")
_SIZES = (0, 1, 2, 3, 4, 10, 100, 3000, 5000)
_HEADERS = (
    b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: upgrade",
    b"Connection: Upgrade\r\nUpgrade: h2c",
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA",
    b"Connection: upgrade\r\nUpgrade: websocket",
    b"Upgrade: h2c\r\nConnection: close, upgrade",
    b"Connection: \r\n upgrade\r\nUpgrade: h2c",
    b"Upgrade: unknown",
    b"Expect: 100-continue",
    b"Content-Length: 3",
    b"Transfer-Encoding: chunked",
    b"X: " + b"y" * 3000,
    b"X: " + b"y" * 70_000,
    b"\r\nX: y",
)
_STRAY = (b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b"0\r\n\r\n", b" ")


def stream(draw: random.Random, paths: tuple[bytes, ...]) -> bytes:
    """Some requests to some of the paths, one after the other; often something of them is wrong."""
    sent = b"".join(_request(draw, draw.choice(paths)) for _ in range(draw.choice((1, 1, 2, 3, 8, 30))))
    for _ in range(draw.choice((0, 0, 0, 1, 2, 5))):
        sent = _mutated(draw, sent) or b"x"
    return sent


def pieces(draw: random.Random, sent: bytes) -> list[bytes]:
    """The same bytes, cut anywhere."""
    if len(sent) < 1000 and draw.random() < 0.3:
        return [sent[at : at + 1] for at in range(len(sent))]
    cut, at = [], 0
    while at < len(sent):
        size = draw.choice((1, 2, 3, 10, 100, 1000, 5000, 70_000))
        cut.append(sent[at : at + size])
        at += size
    return cut


def _request(draw: random.Random, path: bytes) -> bytes:
    method, version = draw.choice(_METHODS), draw.choice(_VERSIONS)
    body = bytes(draw.choices(b"abc\r\n 0", k=draw.choice(_SIZES)))
    headers = [b"Host: x", *(one for one in _HEADERS if draw.random() < 0.05)]
    match draw.randrange(3):
        case 0:
            headers.append(b"Content-Length: %d" % (len(body) + draw.choice((0,) * 10 + (1, -1, 5))))
        case 1:
            headers.append(b"Transfer-Encoding: " + draw.choice(_CODINGS))
            body = _chunked(draw, body)
        case _:
            body = b""
    draw.shuffle(headers)
    head = b"%b %b HTTP/%b\r\n%b\r\n" % (method, path, version, b"".join(one + b"\r\n" for one in headers))
    return draw.choice(_BEFORE) + head + body


def _chunked(draw: random.Random, body: bytes) -> bytes:
    chunks, at = [], 0
    while at < len(body):
        chunk = body[at : at + draw.choice((1, 2, 7, 500, 2047, 2048))]
        chunks.append(b"%x%b\r\n%b\r\n" % (len(chunk), draw.choice((b"", b"", b";a=b")), chunk))
        at += len(chunk)
    return b"".join([*chunks, b"0\r\n", draw.choice((b"", b"", b"T: v\r\n", b"T: v\r\nU: w\r\n")), b"\r\n"])


def _mutated(draw: random.Random, sent: bytes) -> bytes:
    at = draw.randrange(len(sent) + 1)
    behind = at + draw.choice((1, 2, 4, 50))
    match draw.randrange(6):
        case 0:
            return sent[:at] + draw.randbytes(1) + sent[at + 1 :]
        case 1:
            return sent[:at] + sent[behind:]
        case 2:
            return sent[:at] + draw.choice(_STRAY) + sent[at:]
        case 3:
            return sent[:behind] + sent[at:]
        case 4:
            return sent[:at]
        case _:
            return sent + sent[at:]
