"""model_build/common."""
