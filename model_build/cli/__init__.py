"""The command line of `model-build`, one module per command or group of commands.

main: the application. run, ablate, evaluate, heads (`fit-head`), ranking (`fit-ranker`, `evaluate-ranking`),
inspect with inspect_tables, report (`report`, `family`, `card`, `name-weights`, `retokenize`): the
commands.
output: the console and JSON files. errors: exceptions as one line on standard error.
"""
