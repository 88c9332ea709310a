"""model_build/run."""
