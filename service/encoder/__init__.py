"""Text encoders.

- `base`: the protocol; `onnx`: the student
- `batcher`: batches texts of many requests on threads; `text_queue`, `embedded_text`: its queue and results
- `batch_plan`: groups texts into ONNX runs; `onnx_run`: the figures of a run
- `finite_weights`, `protobuf`: check the numbers in a graph
"""
