"""Evaluation of a model on ranking, behaviour, similarity and language tasks, beside its teacher and baselines.

evaluate: every system on every task. tasks/: the tasks. systems/: what can be compared. metrics: NDCG, HR, AUC and
bootstrap intervals. result: measurements, shares and family means, and their JSON. quality, tables: the same as
rows and on a terminal. cache: stored vectors. agreement: student against teacher. leakage: texts that must not train.
validation_sets: examples that select a model while it is built.
"""
