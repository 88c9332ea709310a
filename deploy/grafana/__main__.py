"""Write the dashboards: `python -m deploy.grafana`."""

from pathlib import Path

from deploy.grafana.writing import FOLDER, written


def main() -> None:
    """Write one file per dashboard."""
    for name, text in written().items():
        Path(FOLDER, name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
