"""Task heads: classifiers of texts or of pairs, on the vectors of the model that serves."""
