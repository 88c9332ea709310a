"""How a command tells of what its user can mend."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from model_build.errors import BuildError
from service.artifact import ArtifactError


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what a user can mend into one line on standard error and exit code 1."""
    try:
        yield
    except (BuildError, ArtifactError) as error:
        message = str(error)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        message = f"the disk is full{f' ({error.filename})' if error.filename else ''}; make room and add --resume"
    else:
        return
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(1)
