"""The systems that can be compared; `registry` puts together a comparison.

artifact: the released model. fp32: its student before quantization. static: WordLlama and model2vec. bm25, random:
baselines. Teachers are in `model_build.teacher.system`.
"""
