"""`edge-rank` with an impatient supervisor: `python -m tests.service.hurried serve`."""

from service.cli.main import main
from service.server import restart_backoff, supervisor


def hurry() -> None:
    """Shorten how long a worker serves until it counts as sound, how often it may die, and how long an end may take."""
    for module, name, value in (
        (restart_backoff, "MATURE_S", 1.0),
        (supervisor, "MATURE_S", 1.0),
        (restart_backoff, "_MOST_YOUNG", 2),
        (restart_backoff, "_FIRST_DELAY_S", 0.05),
        (supervisor, "FINISH_S", 1),
        (supervisor, "_KILL_AFTER_S", 0.5),
    ):
        if not hasattr(module, name):
            raise AttributeError(f"{module.__name__} has no {name}")
        setattr(module, name, value)


if __name__ == "__main__":
    hurry()
    main()
