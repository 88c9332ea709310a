"""model_build/evaluation/tasks."""
