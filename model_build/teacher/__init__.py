"""model_build/teacher."""
