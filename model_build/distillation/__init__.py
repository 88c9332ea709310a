"""model_build/distillation."""
