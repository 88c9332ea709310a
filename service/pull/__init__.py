"""A device's side of updates: `edge-rank pull`. Imports neither the API nor ONNX Runtime.

- `pull`: the update, and the roll-back; `taking`: assembles and verifies what is taken; `result`: what came of it
- `head_choice`: which heads go with a release; `asked_heads`: what the device was asked to have
- `remote`, `connection`, `download`: the service, and loading from it
- `model_store`: the device's folder of models; `installed_heads`: the heads in a model's folder
- `trial`: tries a model out in a process of its own
"""
