"""How long work is done: processes, batches, shards, progress."""
