"""Task models: a fine-tuned classifier of texts or pairs, compressed into a student that gives its classes.

data: labelled tables and their splits. rows: texts and pairs as token ids. teacher: the classifier to compress.
finetune: makes one from an encoder. student: the small classifier. objective: the losses of cross-distillation.
trainer: its steps. course: its losses.
"""
