"""Work that visitors wait for: how long it takes, who goes first, and what is done once for all of them."""
