"""Load as millions of devices make it: who they are, when they come, what they ask, and what became of it."""
