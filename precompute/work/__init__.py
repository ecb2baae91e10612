"""How long work is done: devices, processes, batches, shards, progress."""
