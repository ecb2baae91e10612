"""What a step tells of its numbers: tables, published figures."""
