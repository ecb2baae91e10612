"""Rankings of all judged queries measured: runs, metrics, curves, tests, swaps."""
