"""The embedded demo: a drawn catalogue, its judged queries and the tiny CLIP that searches it."""
