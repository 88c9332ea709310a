"""model_build/quantization."""
