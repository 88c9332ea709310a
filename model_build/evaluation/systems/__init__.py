"""The systems that can be compared: the artifact, its fp32 parent, teachers, and simple baselines."""
