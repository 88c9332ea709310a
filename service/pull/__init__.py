"""A device's side of updates: `edge-rank pull`. Imports neither the API nor ONNX Runtime.

- `pull`: the update, and the roll-back
- `remote`, `connection`, `download`: the service, and loading from it
- `model_store`: the device's folder of models
- `trial`: tries a model out in a process of its own
"""
