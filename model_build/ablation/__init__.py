"""Ablations: variants of one recipe, trained at equal budget over several seeds.

variants: what is compared, as data. plan: the recipe of each variant. run: trains and measures all of them, with
shared (corpus, teacher and vocabulary, made once) and trial (one variant with one seed). result: the metrics.
statistics: intervals and paired differences. report: sentences and tables, as Markdown and on a terminal.
"""
