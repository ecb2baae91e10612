"""Asking a model what a judge would say: the prompt, the endpoint and what it costs, and reading its answer."""
