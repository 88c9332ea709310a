"""model_build/run/stages."""
