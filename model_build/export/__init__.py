"""model_build/export."""
