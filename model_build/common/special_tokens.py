"""The special tokens of a BERT vocabulary, which every pruned vocabulary keeps."""

from service.text.wordpiece import END, PAD, START, UNKNOWN

MASK = "[MASK]"
SPECIAL_TOKENS = (PAD, UNKNOWN, START, END, MASK)
