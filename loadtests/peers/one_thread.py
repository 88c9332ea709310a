"""Limits ONNX Runtime to one thread, for one core.

It counts the machine's cores instead of those that the process may use. Pinned to one of two cores, it starts two
threads, whose synchronisation adds more than half to the time, and pins the second one to the other core. So peers that
do not choose a number of threads get one.

    python -P loadtests/peers/one_thread.py SCRIPT ARGUMENTS      runs a script this way
"""

import functools
import runpy
import sys
from typing import Any


def limit_onnx_runtime() -> None:
    """Make all future sessions of this process run on the calling thread only."""
    import onnxruntime  # noqa: PLC0415 (who only imports this module need not have it)

    opened = onnxruntime.InferenceSession.__init__

    @functools.wraps(opened)
    def opened_with_one(
        session: Any,  # noqa: ANN401 (a package without types)
        graph: str | bytes,
        sess_options: Any = None,  # noqa: ANN401
        *arguments: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> None:
        chosen = sess_options or onnxruntime.SessionOptions()
        chosen.intra_op_num_threads = 1
        opened(session, graph, chosen, *arguments, **options)

    onnxruntime.InferenceSession.__init__ = opened_with_one


if __name__ == "__main__":
    limit_onnx_runtime()
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
