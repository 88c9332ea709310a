"""Texts, from characters to tokens.

- `cleaning`, `characters`: clean-up, and classes of code points
- `wordpiece`: the tokenizer; `windows`: long texts in parts
- `terms`: words, for lexical signals
"""
