"""Keys of earlier versions: the key that took their place, or why there is none."""

RENAMED = {
    "teacher.companions": "teacher.ensemble",
    "teacher.task_layer_steps": "teacher.projection_steps",
    "teacher.fine_tuning.rate": "teacher.fine_tuning.learning_rate",
    "student.start": "student.init_from",
    "student.pretraining_rate": "student.pretraining_learning_rate",
    "distillation.interplay_share": "distillation.mutual_fraction",
    "distillation.teacher_follows": "distillation.mutual_weight",
    "distillation.student_rate": "distillation.student_learning_rate",
    "distillation.teacher_rate": "distillation.teacher_learning_rate",
    "distillation.representation_weight": "distillation.cosine_weight",
    "distillation.distribution_weight": "distillation.similarity_kl_weight",
    "distillation.lesson_every": "distillation.supervised_every",
    "distillation.judgement_weight": "distillation.logit_kl_weight",
    "distillation.rounded_share": "distillation.qat_fraction",
}

_NO_TUNING = "tuning after distillation was removed; distillation.qat_fraction trains with quantized weights"
REMOVED = {
    "distillation.topic_bits": "batches of one topic were removed; no recipe used them",
    "quantization.tuning_steps": _NO_TUNING,
    "quantization.tuning_target": _NO_TUNING,
    "quantization.tuning_rate": _NO_TUNING,
    "quantization.tuning_threshold": _NO_TUNING,
}


def renamed(key: str) -> str | None:
    """Say what became of a key of earlier versions; None for any other key."""
    if key in RENAMED:
        return f"the key is now {RENAMED[key]}"
    return REMOVED.get(key)
