"""Fetching ESCI's and SQID's files: large ones, over connections that break."""
