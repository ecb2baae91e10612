"""Training the demo's tiny CLIP: drawn pictures with made-up captions, the loop, and what a model's folder holds."""
