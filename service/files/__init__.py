"""Files, and text that others wrote.

- `regular`: bounded reads; `durable`: atomic writes
- `toml`: an operator's TOML files
- `watched`: notices changes; `shared`: a mapped file that workers share; `static`: a web page's files
- `printable`: makes text fit for a terminal
"""
