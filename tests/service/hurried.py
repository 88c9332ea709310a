"""`edge-rank` with an impatient supervisor: `python -m tests.service.hurried serve`."""

from service.cli.main import main
from service.server import deaths, supervisor


def hurry() -> None:
    """Shorten how long a worker serves until it counts as sound, how often it may die, and how long an end may take."""
    deaths.MATURE_S = supervisor.MATURE_S = 1.0
    deaths._MOST_YOUNG, deaths._FIRST_DELAY_S = 2, 0.05
    supervisor.FINISH_S, supervisor._KILL_AFTER_S = 1, 0.5


if __name__ == "__main__":
    hurry()
    main()
