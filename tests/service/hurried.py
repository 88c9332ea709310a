"""`edge-rank` with an impatient supervisor: `python -m tests.service.hurried serve`.

A worker counts as sound after a second, may die twice, and is killed if it has not ended after two and a half.
"""

from unittest.mock import patch

from service.cli.main import main
from service.server import restart_backoff, supervisor

if __name__ == "__main__":
    with (
        patch.multiple(restart_backoff, MATURE_S=1.0, _MOST_YOUNG=2, _FIRST_DELAY_S=0.05),
        patch.multiple(supervisor, MATURE_S=1.0, FINISH_S=1, _KILL_AFTER_S=0.5),
    ):
        main()
