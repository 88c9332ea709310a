"""Make a report of a load run: `python -m loadtests.report RUN_FOLDER [--out FOLDER]`."""

import argparse
from pathlib import Path

from loadtests.load.recording import Recording
from loadtests.report.write import PAGE_FILE, SUMMARY_FILE, write_report


def main() -> None:
    """Write the report, and print its paths.

    Raises:
        SystemExit: the folder holds no recording, or the report can't be written; one line says why.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder with run.json and seconds.jsonl")
    parser.add_argument("--out", type=Path, help="folder of the report; the run's by default")
    arguments = parser.parse_args()
    out = arguments.out or arguments.run
    try:
        write_report(Recording.read(arguments.run), out)
    except ValueError as error:
        raise SystemExit(f"{arguments.run}: {error}") from None
    except OSError as error:
        raise SystemExit(f"{error.filename or out}: {error.strerror}") from None
    print(f"{out / PAGE_FILE}\n{out / SUMMARY_FILE}")  # noqa: T201


if __name__ == "__main__":
    main()
