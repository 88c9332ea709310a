"""The evaluation tasks. A new task implements `base.Task` and is added to its family in `registry`.

base: the interface. search: NDCG@10. behaviour: HR@10. pairs: Spearman or ROC-AUC. language: accuracy of a probe.
"""
