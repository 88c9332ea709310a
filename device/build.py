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
_OF_WASM = {_SOURCES / name for name in ("heap.c", "libc.c", "wasm.c")}
_C = ("-std=c99", "-O3", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fno-math-errno", "-ffp-contract=off", "-g0")
_WASM_TARGET = "wasm32-freestanding"
_WASM_FLAGS = (
    "-msimd128",
    "-mno-bulk-memory",
    "-mno-sign-ext",
    "-mno-nontrapping-fptoint",
    "-nostdlib",
)
_WASM_LINK = ("-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--gc-sections", "-Wl,--export-dynamic")


class BuildError(Exception):
    """The compiler refused; its own messages are on standard error."""


def build_wasm(destination: Path) -> None:
    """Compile the WebAssembly module."""
    sources = [str(path) for path in sorted(_SOURCES.glob("*.c"))]
    visible = "-fvisibility=hidden"
    _zig(
        "cc",
        *_C,
        *_WASM_FLAGS,
        *_WASM_LINK,
        visible,
        *_includes(),
        "-target",
        _WASM_TARGET,
        "-o",
        destination,
        *sources,
    )


def build_shared(
    destination: Path, target: str | None = None, *, internal: bool = False, flags: Sequence[str] = ()
) -> None:
    """Compile a shared library; `internal`: functions that no app sees are exported too, for tests."""
    visible = [] if internal else ["-fvisibility=hidden"]
    targeted = ["-target", target] if target else []
    _zig("cc", *_C, *visible, *flags, "-shared", "-fPIC", *_includes(), *targeted, "-o", destination, *_core())


def build_static(destination: Path, target: str | None = None) -> None:
    """Compile a static library."""
    targeted = ["-target", target] if target else []
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for source in _core():
            objects.append(Path(folder, f"{source.stem}.o"))
            _zig("cc", *_C, "-fPIC", *_includes(), *targeted, "-c", "-o", objects[-1], source)
        destination.unlink(missing_ok=True)
        _zig("ar", "rcsD", destination, *objects)


def _core() -> list[Path]:
    """The sources of a platform that has a libc."""
    return [path for path in sorted(_SOURCES.glob("*.c")) if path not in _OF_WASM]


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
