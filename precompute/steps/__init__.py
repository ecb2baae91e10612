"""One module a step from raw files to a bundle that is measured."""
