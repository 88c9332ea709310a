"""Export: the student as a verified artifact.

`onnx_graph` writes the ONNX graph node by node, `parity` checks it against torch, `from_onnx` reads weights back.
`artifact` assembles, seals and publishes the folder; `retokenize` changes its tokenizer rules, `weight_names` names the
weights in the graph of an older one. `gates` has the conditions for publication, `byte_table` the device bytes by part,
`licences` the terms of the training texts.
"""
