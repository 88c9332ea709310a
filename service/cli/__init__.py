"""The `edge-rank` command.

- `main`: the commands and their options
- `offline`: a ranking without a server; `client`: one from a running service
- `tables`, `progress`: output
- `time_limit`: bounds the time of a command
"""
