"""A serving process."""

import uvicorn

from service.app import create_app
from service.catalogue import read_catalogue
from service.encoder.instrumented import count_runs
from service.listening import listen
from service.logs import logging_config
from service.metrics import Metrics
from service.model import load_model
from service.settings import Settings

_DRAIN_S = 10


def run(settings: Settings) -> None:
    """Serve until told to stop; requests that have arrived are answered first.

    The model and the catalogue are read before the port is opened: what is wrong with them is the caller's to tell.

    Raises:
        ArtifactError: the model may not be served.
        RankerError: its weights may not.
        CatalogueError: the catalogue is not one.
        ListenError: the address can't be listened on.
    """
    metrics = Metrics()
    model = load_model(settings.model, run_tokens=settings.run_tokens, on_run=count_runs(metrics))
    catalogue = [] if settings.catalogue is None else read_catalogue(settings.catalogue)
    config = uvicorn.Config(
        create_app(settings, metrics=metrics, model=model, catalogue=catalogue),
        access_log=False,
        server_header=False,
        log_config=logging_config(settings.log_level),
        timeout_graceful_shutdown=_DRAIN_S,
    )
    with listen(settings.host, settings.port) as listener:
        uvicorn.Server(config).run(sockets=[listener])
