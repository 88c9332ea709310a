"""Peers and ours on one core in one run: latency for 100 new candidates, memory, start-up and quality.

    python -m loadtests.peers --minilm DIR --cross-encoder DIR --potion DIR --data DIR [--only ours,flashrank]

Every peer runs as documented, in its own environment built from pins on first use (`--environments`), on one core;
the client uses the other one. Weights are not downloaded: the folders are those of
sentence-transformers/all-MiniLM-L6-v2, cross-encoder/ms-marco-MiniLM-L12-v2 and minishlab/potion-base-8M. A peer that
can't be measured is reported in one line, the others are measured all the same, and the exit code is 1. Compare ratios
of one run, not numbers of different runs. See docs/comparison.md.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from loadtests.harness.processes import on_core
from loadtests.peers.environment import own_environment, ready_environment
from loadtests.peers.measurement import measure
from loadtests.peers.peer import Models, Peer, PeerError, Place, Weights, folder_of
from loadtests.peers.quality import load_films
from loadtests.peers.roster import PEERS, SYSTEMS
from loadtests.peers.table import Failure, Row, markdown_of, table_of
from model_build.common.errors import EvaluationError
from model_build.evaluation.tasks.search import SearchProblem

_PEER_CORE, _ASKING_CORE = 0, 1
_WIDTH = 200
_QUICK_SECONDS, _QUICK_QUERIES = 2.0, 20


def main(peers: Sequence[Peer] = PEERS) -> None:
    """Measure and print."""
    arguments = _arguments()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("a core for the peer and one to ask are needed; this process may use one")
    films = _films(arguments)
    seconds = _QUICK_SECONDS if arguments.quick else arguments.seconds
    named = zip(Weights, (arguments.minilm, arguments.cross_encoder, arguments.potion), strict=True)
    models = {weights: folder.expanduser().absolute() for weights, folder in named if folder is not None}
    console, log = Console(), Console(stderr=True)
    chosen = [peer for peer in peers if arguments.only is None or peer.label.system in arguments.only]
    rows = []
    with on_core(_ASKING_CORE):
        for peer in chosen:
            log.print(f"{peer.label.title} …")
            rows.append(_row(peer, models, arguments.environments, seconds, films, log))
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    console.print(table_of(rows))
    failures = [row for row in rows if isinstance(row, Failure)]
    for failure in failures:
        console.print(f"{failure.label.title} failed: {failure.reason}", soft_wrap=True, markup=False, highlight=False)
    if arguments.markdown:
        arguments.markdown.write_text(markdown_of(rows), encoding="utf-8")
    if failures:
        sys.exit(1)


def _row(
    peer: Peer, models: Models, environments: Path, seconds: float, films: SearchProblem | None, log: Console
) -> Row:
    try:
        return measure(peer, _place(peer, models, environments, log), seconds=seconds, films=films)
    except PeerError as error:
        log.print(f"failed: {error}", soft_wrap=True, markup=False, highlight=False)
        return Failure(peer.label, str(error))


def _place(peer: Peer, models: Models, folder: Path, log: Console) -> Place:
    """Prepare a peer's surroundings; its environment is built if necessary, and only if its model is given."""
    if peer.weights is not None:
        folder_of(models, peer.weights)
    name = peer.environment
    scratch = folder.absolute() / "scratch" / re.sub("[^a-z0-9]+", "-", peer.label.title.lower())
    shutil.rmtree(scratch, ignore_errors=True)  # files kept by the peer may belong to other weights
    scratch.mkdir(parents=True)
    if name is None:
        environment = own_environment()
    else:
        environment = ready_environment(name, folder, lambda built: log.print(f"building the environment {built} …"))
    return Place(
        python=environment.python,
        packages=environment.packages,
        models=models,
        scratch=scratch,
        log=scratch / "log.txt",
        core=_PEER_CORE,
    )


def _films(arguments: argparse.Namespace) -> SearchProblem | None:
    if arguments.data is None:
        return None
    try:
        return load_films(arguments.data, _QUICK_QUERIES if arguments.quick else arguments.queries)
    except EvaluationError as error:
        raise SystemExit(f"error: {error}") from None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minilm", type=Path, metavar="DIR", help="all-MiniLM-L6-v2")
    parser.add_argument(
        "--cross-encoder", type=Path, metavar="DIR", help="ms-marco-MiniLM-L12-v2, with one int8 ONNX graph"
    )
    parser.add_argument("--potion", type=Path, metavar="DIR", help="potion-base-8M")
    parser.add_argument("--data", type=Path, metavar="DIR", help="holds benchmark/search/msrd; without it, no quality")
    parser.add_argument("--queries", type=int, default=300, help="of msrd, drawn with seed 0 (default: 300)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement of speed (default: 20)")
    parser.add_argument("--quick", action="store_true", help="2 seconds and 20 queries, for a look")
    parser.add_argument("--only", type=_systems, metavar="NAMES", help=f"with commas between: {', '.join(SYSTEMS)}")
    parser.add_argument("--environments", type=Path, default=Path("runs/peers"), metavar="DIR", help="(runs/peers)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there too")
    return parser.parse_args()


def _systems(names: str) -> set[str]:
    asked = {name.strip() for name in names.split(",")}
    if unknown := asked - set(SYSTEMS):
        raise argparse.ArgumentTypeError(f"there is no {min(unknown)!r}; there are {', '.join(SYSTEMS)}")
    return asked


if __name__ == "__main__":
    main()
