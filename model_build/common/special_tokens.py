"""The special marks of a BERT vocabulary, which stay in every vocabulary that is made of it."""

from service.text.wordpiece import END, PAD, START, UNKNOWN

MASK = "[MASK]"
MARKS = (PAD, UNKNOWN, START, END, MASK)
