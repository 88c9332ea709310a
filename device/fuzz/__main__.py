"""Fuzz a target with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, or try single inputs.

python -m device.fuzz TARGET [--seconds 60] [--keep]
python -m device.fuzz TARGET INPUT...

A target is a C file in this folder (see target.h). Needs clang with its runtime (Debian: clang, libclang-rt-14-dev).
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from device.build import ROOT as CORE
from device.build import core_sources

ROOT = Path(__file__).parent
_REPOSITORY = CORE.parent
_CLANG = (
    *("clang", "-std=c99", "-g", "-O1", "-fno-omit-frame-pointer", "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"),
    *("-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"),
)
_LIMITS = ("-timeout=10", "-rss_limit_mb=2048", "-max_len=262144")
_MOST_KEPT = 14_000
"""Bytes of a target's corpus: all of them are part of the repository."""


class FuzzError(Exception):
    """The target does not compile, or an input broke it; what says so is in the message."""


def target_names() -> list[str]:
    """The targets that there are."""
    return sorted(path.stem for path in ROOT.glob("*.c"))


def inputs_of(target: str) -> list[Path]:
    """What a target begins with: its corpus, and the files of the repository that it names."""
    patterns = re.findall(r"(?m)^// seeds:(.*)", (ROOT / f"{target}.c").read_text())
    seeds = [path for pattern in " ".join(patterns).split() for path in sorted(_REPOSITORY.glob(pattern))]
    return [*sorted((ROOT / "corpus" / target).glob("*")), *seeds]


def fuzz(target: str, seconds: int, *, keep: bool = False) -> str:
    """Try inputs for a time; `keep`: add to the corpus what reaches new code. Says what was done.

    Raises:
        FuzzError: an input broke the target; it is in the working directory.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus, words = folder / "corpus", folder / "words"
        corpus.mkdir()
        for number, path in enumerate(inputs_of(target)):
            shutil.copy(path, corpus / f"{number}-{path.name}")
        words.write_text(_words())
        program = _compile(target, folder)
        log = _run(
            target, [program, f"-max_total_time={seconds}", f"-dict={words}", "-print_final_stats=1", *_LIMITS, corpus]
        )
        kept = _keep(target, program, corpus, folder) if keep else "its corpus as it was"
        runs = int(re.findall(r"stat::number_of_executed_units:\s*(\d+)", log)[-1])
        edges = int(re.findall(r"\bcov: (\d+)", log)[-1])
    return f"{target}: {runs:,} inputs in {seconds} s, {edges:,} edges, {kept}, nothing found"


def replay(target: str, inputs: Sequence[Path]) -> str:
    """Try single inputs.

    Raises:
        FuzzError: one broke the target.
    """
    with tempfile.TemporaryDirectory() as name:
        _run(target, [_compile(target, Path(name)), *_LIMITS, *inputs])
    return f"{target}: {len(inputs)} inputs, nothing found"


def _compile(target: str, folder: Path) -> Path:
    program = folder / target
    sources = [ROOT / f"{target}.c", *core_sources()]
    includes = ["-I", CORE / "include", "-iquote", CORE / "src", "-iquote", ROOT]
    try:
        done = subprocess.run([*_CLANG, *map(str, includes), *map(str, sources), "-o", str(program)], check=False)
    except FileNotFoundError:
        raise FuzzError("there is no clang; Debian has it in clang and libclang-rt-14-dev") from None
    if done.returncode:
        raise FuzzError(f"{target} does not compile; clang's runtime is in libclang-rt-14-dev")
    return program


def _run(target: str, command: Sequence[Path | str]) -> str:
    done = subprocess.run([*map(str, command)], stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if done.returncode:
        raise FuzzError(
            f"{done.stderr[-8000:]}\n{target} broke; try it again with python -m device.fuzz {target} INPUT"
        )
    return done.stderr


def _keep(target: str, program: Path, corpus: Path, folder: Path) -> str:
    """Rewrite the corpus: the smallest inputs that reach, together, what all do and the named files do not."""
    known, found = folder / "known", folder / "found"
    known.mkdir()
    found.mkdir()
    place = ROOT / "corpus" / target
    for path in inputs_of(target):
        if path.parent != place or path.suffix:  # what somebody wrote stays
            shutil.copy(path, known / f"{path.parent.name}-{path.name}")
    before = {path.name for path in known.iterdir()}
    _run(target, [program, "-merge=1", "-use_counters=0", *_LIMITS, known, corpus])
    for path in place.glob("*"):
        if not path.suffix:
            path.unlink()
    place.mkdir(parents=True, exist_ok=True)
    size = sum(path.stat().st_size for path in place.iterdir())
    for path in sorted(known.iterdir(), key=lambda path: path.stat().st_size):
        size += path.stat().st_size
        if path.name not in before and size <= _MOST_KEPT:
            shutil.copy(path, place / path.name)
    kept = list(place.iterdir())
    return f"{len(kept)} inputs of {sum(path.stat().st_size for path in kept):,} bytes kept"


def _words() -> str:
    """A dictionary: the words that stand in quotation marks in the core's sources."""
    texts = (path.read_text() for path in core_sources())
    words = {word for text in texts for word in re.findall(r'"([\w./ ,|\[\]-]{2,32})"', text)}
    return "".join(f'"{word}"\n' for word in sorted(words))


def main(arguments: Sequence[str] | None = None) -> None:
    """Fuzz one target."""
    parser = argparse.ArgumentParser(prog="python -m device.fuzz", description=__doc__)
    parser.add_argument("target", choices=target_names())
    parser.add_argument("inputs", nargs="*", type=Path, help="try these, and nothing else")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", action="store_true", help="add to the corpus what reaches new code")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.inputs:
            said = replay(chosen.target, chosen.inputs)
        else:
            said = fuzz(chosen.target, chosen.seconds, keep=chosen.keep)
    except FuzzError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{said}\n")


if __name__ == "__main__":
    main()
