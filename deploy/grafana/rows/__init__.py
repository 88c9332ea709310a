"""A file a row; `panels()` gives its panels."""
