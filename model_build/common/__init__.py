"""What every stage of a build uses.

errors: the exceptions. atomic: files and folders that appear whole. log: events and progress bars. device: GPU or CPU.
tsv: text files and tables. words: what counts as a word. special_tokens: `[PAD]`, `[MASK]`, ….
batches: the order of training batches. learning_rate: schedules. training_loop: of short trainings. systems: the interface of what can be evaluated.
format: numbers for people. templates: Jinja2 templates, filled.
"""
