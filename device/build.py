"""Compile the core with Zig's C compiler, which carries every platform's headers: the same bytes on any machine.

python -m device.build wasm OUT.wasm
python -m device.build shared OUT.so [--target aarch64-linux-gnu]
python -m device.build static OUT.a [--target aarch64-linux-android]
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent
_SOURCES = ROOT / "src"
_ZIG = (sys.executable, "-m", "ziglang")
_C = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fno-math-errno", "-ffp-contract=off", "-g0")
_FAST, _SMALL = "-O3", "-Oz"

# What only WebAssembly needs, and what it does not: its host has JSON and SHA-256 of its own.
_OF_WASM = {"heap", "libc", "wasm"}
_OF_FILES = {
    "decimal",
    "files",
    "head_manifest",
    "json",
    "loading",
    "manifest",
    "schema",
    "seal",
    "sha256",
    "task",
    "weights",
}
# Where the time goes; all else is compiled to be small, since its bytes count.
_HOT = {"attention", "functions", "libc", "matrix", "pooling", "vectors"}
_WASM = ("-target", "wasm32-freestanding", "-msimd128", "-mno-bulk-memory", "-mno-sign-ext", "-mno-nontrapping-fptoint")
_WASM_LINK = ("--no-entry", "--strip-all", "--gc-sections", "--export-dynamic", "--compress-relocations", "-O2")
_HIDDEN = "-fvisibility=hidden"


class BuildError(Exception):
    """The compiler refused; its own messages are on standard error."""


def build_wasm(destination: Path) -> None:
    """Compile the WebAssembly module."""
    sources = [path for path in sorted(_SOURCES.glob("*.c")) if path.stem not in _OF_FILES]
    with tempfile.TemporaryDirectory() as folder:
        objects = [
            _compiled(source, Path(folder), _FAST if source.stem in _HOT else _SMALL, *_WASM, _HIDDEN)
            for source in sources
        ]
        _zig("wasm-ld", *_WASM_LINK, "-o", destination, *objects)


def build_shared(
    destination: Path, target: str | None = None, *, internal: bool = False, flags: Sequence[str] = ()
) -> None:
    """Compile a shared library; `internal`: functions that no app sees are exported too, for tests."""
    visible = [] if internal else [_HIDDEN]
    targeted = ["-target", target] if target else []
    product: list[str | Path] = ["-shared", "-fPIC", "-o", destination, *core_sources()]
    _zig("cc", *_C, _FAST, *visible, *flags, *_includes(), *targeted, *product)


def build_static(destination: Path, target: str | None = None) -> None:
    """Compile a static library."""
    targeted = ["-target", target] if target else []
    with tempfile.TemporaryDirectory() as folder:
        objects = [_compiled(source, Path(folder), _FAST, "-fPIC", *targeted) for source in core_sources()]
        destination.unlink(missing_ok=True)
        _zig("ar", "rcsD", destination, *objects)


def _compiled(source: Path, folder: Path, *flags: str) -> Path:
    """The object file of a source, in a folder."""
    made = folder / f"{source.stem}.o"
    _zig("cc", *_C, *flags, *_includes(), "-c", "-o", made, source)
    return made


def core_sources() -> list[Path]:
    """The sources of a platform that has a libc."""
    return [path for path in sorted(_SOURCES.glob("*.c")) if path.stem not in _OF_WASM]


def _includes() -> tuple[str, ...]:
    return ("-I", str(ROOT / "include"))


def _zig(*arguments: str | Path) -> None:
    if subprocess.run([*_ZIG, *map(str, arguments)], check=False).returncode:
        raise BuildError("the core does not compile")


def main(arguments: Sequence[str] | None = None) -> None:
    """Compile one product."""
    parser = argparse.ArgumentParser(prog="python -m device.build", description=__doc__)
    parser.add_argument("product", choices=["wasm", "shared", "static"])
    parser.add_argument("destination", type=Path)
    parser.add_argument("--target", help="Zig's name of a platform; by default, this machine")
    chosen = parser.parse_args(arguments)
    if chosen.product == "wasm":
        build_wasm(chosen.destination)
    elif chosen.product == "shared":
        build_shared(chosen.destination, chosen.target)
    else:
        build_static(chosen.destination, chosen.target)


if __name__ == "__main__":
    main()
