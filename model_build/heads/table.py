"""A fitted head as tables for a terminal."""

from rich.table import Table

from model_build.common.format import percent
from model_build.common.tables import number, table
from model_build.heads.fit import FittedHead, Row
from model_build.heads.metrics import Metrics


def fit_table(fitted: FittedHead) -> Table:
    """Metrics of the published head, of the head before rounding, and of the teacher's probe."""
    headings = ["bytes", "accuracy", "95 % interval", "macro-F1", "calibration error"]
    if fitted.teacher:
        headings.append(f"of {fitted.teacher.who}")
    teacher = fitted.teacher.metrics if fitted.teacher else None
    rows = [(*_cells(row), *([_share(row.metrics, teacher)] if teacher else [])) for row in fitted.rows]
    title = f"{fitted.probe.split}: {fitted.exact.metrics.examples:,} examples"
    return table(title, ["classifier", *map(number, headings)], rows)


def summary(fitted: FittedHead) -> str:
    """Regularisation, temperature and the effect of rounding, in one line."""
    training = fitted.training
    said = f"C = {training.regularisation:g} by {training.chosen_by}; temperature {training.temperature:.3f}"
    if fitted.changed is None:
        return f"{said}; rounding is measured where there is a dev or test split"
    return f"{said}; rounding changed {fitted.changed:,} of {fitted.exact.metrics.examples:,} decisions"


def _cells(row: Row) -> tuple[str, ...]:
    found = row.metrics
    return (
        row.who,
        "" if row.bytes is None else f"{row.bytes:,}",
        f"{found.accuracy:.4f}",
        f"{found.interval.low:.4f} to {found.interval.high:.4f}",
        f"{found.macro_f1:.4f}",
        f"{found.calibration_error:.4f}",
    )


def _share(own: Metrics, teacher: Metrics) -> str:
    if own is teacher:
        return ""
    share, interval = own.share_of(teacher)
    between = "" if interval is None else f" ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
    return f"{percent(share)}{between}"
