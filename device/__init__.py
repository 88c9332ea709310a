"""Edge Rank on the device: a core in C without any other library.

- `include/edge_rank.h`: what an app sees
- `src/`: the core; each `.c` file has its header beside it
- `tables`: writes the tables of Unicode that the core has in it
- `build`: compiles it for WebAssembly, Linux, Android and iOS
- `bindings/`: Python, Kotlin, Swift
- `fuzz/`: hostile bytes for what reads files
"""
