"""Labelled pairs of texts: what a teacher is fine-tuned on before it teaches, and the head that it judges them with.

Where EI-BERT (arXiv 2507.04636) reuses the teacher's task layer in the student, this head is that layer.
"""

from model_build.corpus.pairs import PairTasks, read_tasks, read_tests
from model_build.distillation.pair_batches import TASKS, Examination, Lessons, make_lessons
from model_build.heads.pairs import TEACHER, HeadRow, as_linear, compare_heads, measure_heads, publish_reused
from model_build.teacher.finetune import fine_tuned, load_head

__all__ = [
    "TASKS",
    "TEACHER",
    "Examination",
    "HeadRow",
    "Lessons",
    "PairTasks",
    "as_linear",
    "compare_heads",
    "fine_tuned",
    "load_head",
    "make_lessons",
    "measure_heads",
    "publish_reused",
    "read_tasks",
    "read_tests",
]
