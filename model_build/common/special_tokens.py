"""The special tokens of a BERT vocabulary; every pruned vocabulary keeps them."""

from service.text.wordpiece import END, PAD, START, UNKNOWN

MASK = "[MASK]"
SPECIAL_TOKENS = (PAD, UNKNOWN, START, END, MASK)
