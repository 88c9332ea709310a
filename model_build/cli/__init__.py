"""model_build/cli."""
