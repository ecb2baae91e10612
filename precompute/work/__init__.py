"""How long work is done: devices, batches, shards, progress."""
