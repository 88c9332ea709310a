"""Task heads: classifiers of texts or pairs on an artifact's vectors, a few kilobytes each."""
