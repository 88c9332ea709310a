"""service/recommender."""
