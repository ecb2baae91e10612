"""What the three rankings are called."""

NAMES = {"text": "Text", "fused": "Fused", "image": "Image"}
