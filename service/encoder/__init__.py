"""Text encoders: the protocol, the ONNX student, and the wrappers around it."""
