"""The systems that can be compared: the artifact, its teacher, and simple baselines."""
