"""Errors that a user can fix, as one line on standard error."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from model_build.common.errors import BuildError
from service.artifact.artifact import ArtifactError
from service.heads.manifest import HeadError
from service.ranking.weights import RankerError

RESUME = "make room and add --resume"


@contextmanager
def one_line_errors(when_full: str = "make room and try again") -> Iterator[None]:
    """Turn an error that the user can fix into one line on standard error and exit code 1.

    Args:
        when_full: advice for a full disk.
    """
    try:
        yield
    except (BuildError, ArtifactError, HeadError, RankerError) as error:
        message = str(error)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        message = f"the disk is full{f' ({error.filename})' if error.filename else ''}; {when_full}"
    else:
        return
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(1)
