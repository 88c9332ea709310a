"""The core from other languages: Python here; Kotlin and Swift in their folders."""
