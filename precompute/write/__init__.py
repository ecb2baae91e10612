"""What a bundle holds, in the formats of others."""
