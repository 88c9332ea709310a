"""A process and its descendants."""

from collections.abc import Sequence

import psutil


def process_tree(pid: int) -> Sequence[psutil.Process]:
    """The process, and all that descend from it.

    Raises:
        psutil.NoSuchProcess: it has ended.
    """
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]
