"""Learned rankers: folds of queries, features of pairs, learners, and what is said of them."""
