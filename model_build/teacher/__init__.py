"""Teachers: the model that is compressed, and whatever stands in for it.

`model` loads the BERT encoder to compress, `checks` refuses other families, `pooling` turns hidden states into a
vector. `system` and `onnx` hold encoders that only embed: additional teachers (`ensemble`) and systems to compare with.
`embed` writes a corpus's vectors in resumable shards, computed here (`workers`) or on a Ray cluster (`ray`); `targets`
reads them in training. `finetune` trains a teacher and its `pair_classifier` on labelled pairs.
"""
