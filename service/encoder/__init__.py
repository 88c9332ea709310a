"""Text encoders.

- `base`: the protocols; `onnx`: the student; `row_encoder`: a task model, or the student with a pack's adapters
- `graph`: a graph at work; `adapted_graph`: makes room for adapters in one
- `batcher`: batches texts of many requests on threads; `text_queue`, `embedded_text`: its queue and results
- `batch_plan`: groups texts into ONNX runs; `onnx_run`: the figures of a run
- `finite_weights`, `protobuf`: check the numbers in a graph
"""
