"""ONNX Runtime with one thread, as befits one core.

It counts the machine's cores, not those that a process may use: confined to one of two, it starts two threads, whose
waiting for each other costs more than half of the time again, and binds the second to the other core. A peer that does
not choose a number of threads is given one.

    python -P loadtests/peers/one_thread.py SCRIPT ARGUMENTS      runs a script so
"""

import functools
import runpy
import sys
from typing import Any


def limit_onnx_runtime() -> None:
    """Let every session that this process opens from now on run on the calling thread alone."""
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
