"""Numbers for people."""

ABSENT = "-"
_COUNTS = ("no", "one", "two", "three", "four", "five", "six")


def size(count: int) -> str:
    """Format bytes: `1.91 MB`; `no model` for 0."""
    return f"{count / 1e6:.2f} MB" if count else "no model"


def percent(share: float | None) -> str:
    """Format a share of 1: `97.3 %`; a dash for None."""
    return ABSENT if share is None else f"{100 * share:.1f} %"


def duration(seconds: float) -> str:
    """Format seconds: `45 s`, `12 min 5 s`, `2 h 3 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def thousands(count: int) -> str:
    """Format a count: `1,910,000`."""
    return f"{count:,}"


def count_word(count: int) -> str:
    """Spell a small count: `two`."""
    return _COUNTS[count] if count < len(_COUNTS) else thousands(count)
