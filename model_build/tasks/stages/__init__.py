"""The stages of a task's build, one file each: `inputs` decide the output, which `run` writes into a folder."""
