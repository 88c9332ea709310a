"""One module per row; `panels()` returns its panels."""
