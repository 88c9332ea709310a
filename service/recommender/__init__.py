"""The recommender: answers one ranking request.

- `recommender`: `Recommender`, the steps from request to answer
- `request`, `answer`: what it takes and returns
- `feature_retrieval`: features from the feature store, or the encoder where it lacks them
- `feature_assembly`: features as the columns that signals read
- `experiment`: which ranker a user gets (A/B)
"""
