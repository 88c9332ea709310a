"""Hard token pruning: `importance` scores the teacher's tokens, `pruning` keeps the best, `coverage` compares methods."""
