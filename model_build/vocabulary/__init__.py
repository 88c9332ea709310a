"""model_build/vocabulary."""
