"""The machinery of the documentation site; its pages are in `docs/`, its configuration is `zensical.toml`.

- `pages` lists the reference pages that are written from the source; `python -m documentation` writes them
- `http_api`, `errors`, `settings`, `metrics`, `recipe`, `cli`, `python_api`: one reference page each
- `schema`, `docstrings`, `markdown`: what these have in common
- `examples` records the example answers of `http_api`
- `formula` turns the equations of a page into MathML when the site is built
- `links` checks the built site: `python -m documentation.links site`
"""
