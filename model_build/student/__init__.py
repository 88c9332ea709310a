"""model_build/student."""
