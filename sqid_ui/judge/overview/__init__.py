"""What has come of judging: how far people agree, what they found, and what their labels change."""
