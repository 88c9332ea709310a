"""The training texts: `build` collects them, `dedup` drops duplicates and excluded texts.

`queries` and `synthetic` derive further texts; `pairs` reads the labelled pairs of the teacher's tasks.
"""
