"""What every stage of a build uses.

errors: the exceptions. atomic: files and folders that appear whole. log: events and progress bars. device: GPU or CPU.
tsv: text files and tables. words: what counts as a word. special_tokens: `[PAD]`, `[MASK]`, ….
batches: the order of training batches. learning_rate: its schedules. training_loop: that of short trainings.
systems: the interface of what can be evaluated. tables: tables for people. format: numbers for people.
templates: Jinja2 templates, filled.
"""
