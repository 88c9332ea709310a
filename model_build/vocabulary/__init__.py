"""Hard token pruning: `importance` scores tokens, `pruning` keeps the best, `coverage` compares the methods."""
