"""The `edge-rank` command. Slow imports are local to the commands that need them, so that `--help` is fast."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from service.process.threads import limit_blas

app = typer.Typer(
    name="edge-rank",
    help="Re-rank recommendations with a model small enough for a phone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_LONGEST_LINE = 1000

ModelOption = Annotated[Path | None, typer.Option("--model", help="Folder of the model; the bundled one by default.")]
CatalogueOption = Annotated[Path | None, typer.Option("--catalogue", help="JSON lines of items.")]


def main() -> None:
    """The console script."""
    app()


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    model: ModelOption = None,
    redis_url: Annotated[str | None, typer.Option(help="redis://, rediss:// or unix:// address.")] = None,
    catalogue: CatalogueOption = None,
    demo: Annotated[bool, typer.Option("--demo", help="Serve the bundled demo catalogue.")] = False,
    workers: Annotated[int | None, typer.Option(help="Serving processes.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
) -> None:
    """Serve rankings over HTTP. Flags come before EDGE_RANK_* environment variables."""
    from service.process.signal_handlers import exit_if_signalled, exit_on_signals  # noqa: PLC0415

    exit_on_signals()
    limit_blas()
    with exit_if_signalled(), _errors_reported():
        from service.server.run import run  # noqa: PLC0415
        from service.settings import DEMO_CATALOGUE, load_settings  # noqa: PLC0415

        if demo and catalogue is not None:
            raise typer.BadParameter("--demo and --catalogue exclude each other")
        settings = load_settings(
            host=host,
            port=port,
            model=model,
            redis_url=redis_url,
            catalogue=DEMO_CATALOGUE if demo else catalogue,
            workers=workers,
            log_level=log_level,
        )
        raise typer.Exit(run(settings))


@app.command()
def rank(
    query: Annotated[str, typer.Argument(help="What the user looks for.")],
    *,
    model: ModelOption = None,
    catalogue: CatalogueOption = None,
    top_n: Annotated[int, typer.Option(min=1, help="How many items to show.")] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Show what each signal added to the score.")] = False,
    url: Annotated[str | None, typer.Option(help="Ask this running service, which must know the catalogue.")] = None,
) -> None:
    """Rank the items of a catalogue, the demo catalogue by default, and print the best."""
    with _errors_reported():
        from rich.console import Console  # noqa: PLC0415

        from service.cli.client import post_rank  # noqa: PLC0415
        from service.cli.offline import rank_locally, rank_request  # noqa: PLC0415
        from service.cli.tables import ranking_table  # noqa: PLC0415
        from service.feature_store.items.catalogue import read_catalogue  # noqa: PLC0415
        from service.settings import DEMO_CATALOGUE, load_settings  # noqa: PLC0415

        settings = load_settings(model=model, catalogue=catalogue)
        items = read_catalogue(settings.catalogue or DEMO_CATALOGUE)
        request = rank_request(query, items, with_texts=url is None, top_n=top_n, explain=explain)
        response = asyncio.run(rank_locally(request, settings)) if url is None else post_rank(url, request)
        Console().print(ranking_table(response, items))


@app.command()
def info(model: ModelOption = None) -> None:
    """Print a model's shape, size and measured quality."""
    with _errors_reported():
        from rich.console import Console  # noqa: PLC0415

        from service.artifact.artifact import load_artifact  # noqa: PLC0415
        from service.cli.tables import model_table  # noqa: PLC0415
        from service.settings import load_settings  # noqa: PLC0415

        Console().print(model_table(load_artifact(load_settings(model=model).model).manifest))


@app.command("pull")
def pull_model(
    url: Annotated[str | None, typer.Argument(help="The service that releases models.")] = None,
    *,
    to: Annotated[Path, typer.Option("--to", help="The device's folder; TO/current is the model in use.")],
    device_id_file: Annotated[
        Path | None, typer.Option(help="File with the device's id, which is never sent; TO/device-id by default.")
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="EDGE_RANK_API_KEY", help="If the service requires one.", show_default=False)
    ] = None,
    heads: Annotated[
        str | None,
        typer.Option(
            help="Heads, packs and task models to have with the model: names with commas between, all, or none. "
            "Remembered: those of before by default."
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Take a release that the device rolled back from.")] = False,
    within: Annotated[float, typer.Option(min=1, help="Time limit in seconds; the next call resumes.")] = 3600,
    back: Annotated[bool, typer.Option("--roll-back", help="Return to the previous model; needs no service.")] = False,
) -> None:
    """Update a folder to the model that a service releases, and heads for it: load what is missing, verify, switch."""
    with _errors_reported():
        from service.cli.progress import download_bar  # noqa: PLC0415
        from service.cli.time_limit import bounded_time  # noqa: PLC0415
        from service.pull.asked_heads import AskedHeads  # noqa: PLC0415
        from service.pull.model_store import ModelStore  # noqa: PLC0415
        from service.pull.pull import pull, roll_back  # noqa: PLC0415
        from service.pull.remote import Remote  # noqa: PLC0415
        from service.releases.errors import ServiceError  # noqa: PLC0415

        if (url is None) != back:
            raise typer.BadParameter("say either the service's URL or --roll-back")
        if heads is not None and back:
            raise typer.BadParameter("--roll-back returns to the heads of before: leave --heads out")
        try:
            asked = None if heads is None else AskedHeads.parse(heads)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        store = ModelStore(to)
        too_late = partial(ServiceError, f"the model did not arrive within {within:g} s")
        with store.locked(), bounded_time(within, too_late):
            if url is None:
                result = roll_back(store)
            else:
                remote, device_id = Remote(url, api_key), store.device_id(device_id_file)
                with download_bar("the model") as progress:
                    result = pull(remote, store, device_id, progress, asked=asked, again=again)
        typer.echo(result.summary)


@app.command("new-key")
def make_key(
    name: Annotated[str, typer.Argument(help="The key's name in the file.")],
    rights: Annotated[
        list[str] | None, typer.Option("--right", help="rank, items or admin; rank alone if none.")
    ] = None,
) -> None:
    """Print a new API key and its entry for the file of keys."""
    from service.security.api_keys import key_entry, new_key  # noqa: PLC0415

    with _errors_reported():
        key, digest = new_key()
        typer.echo(f"# the key, to be shown to nobody but {name}: {key}\n{key_entry(name, digest, rights or ['rank'])}")


@contextmanager
def _errors_reported() -> Iterator[None]:
    """Report errors that the user can fix in one line on stderr; others are bugs, and keep their traceback."""
    from service.files.printable import printable  # noqa: PLC0415
    from service.user_error import UserError  # noqa: PLC0415

    try:
        yield
    except UserError as error:
        typer.echo(f"edge-rank: {printable(str(error), most=_LONGEST_LINE)}", err=True)
        raise typer.Exit(error.exit_code) from None
