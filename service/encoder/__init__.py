"""Text encoders.

- `base`: the protocol; `onnx`: the student; `fake`: an encoder for tests
- `batcher`: batches texts of many requests on threads
- `batch_plan`: groups texts into runs; `onnx_run`: a run's figures; `instrumented`: counts them
- `finite_weights`, `protobuf`: checks the numbers in a graph
"""
