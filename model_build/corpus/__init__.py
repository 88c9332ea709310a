"""model_build/corpus."""
