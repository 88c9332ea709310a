"""Opting out of the telemetry of libraries."""

import os


def opt_out() -> None:
    """Disable telemetry for this process and its children, unless the operator has set the variable otherwise.

    From 1.29 on, ONNX Runtime's official Linux builds report sessions and models to Microsoft, and keep an identifier
    of the machine, unless this is set before it is imported (https://github.com/microsoft/onnxruntime/pull/27379).
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
