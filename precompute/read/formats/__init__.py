"""Other people's data sets as their programs write them, each turned into the same plain tables."""
