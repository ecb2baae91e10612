"""Everything between the pages and the core: cached resources, link state, cards and the fusion board."""
