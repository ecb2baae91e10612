"""Rankings of other systems, in the formats that their programs write."""
