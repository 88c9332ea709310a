"""A minimal uvicorn application: the upper bound for a service of one process."""

import argparse

import uvicorn
from starlette.types import Receive, Scope, Send

_BODY = b'{"message":"hello"}'


async def hello(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer every request."""
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})


def main() -> None:
    """Run the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(hello, port=parser.parse_args().port, access_log=False, log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
