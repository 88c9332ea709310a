"""model_build/ranking/data."""
