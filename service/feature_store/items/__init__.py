"""Items that clients put.

- `item`: `Item`, and its JSON description; `catalogue`: a file of them; `indexing`: embedding them
- `record`: an item's bytes in a store
- `store`: the protocols of stores, and their errors
- `memory`, `lmdb`, `redis`: the stores
"""
