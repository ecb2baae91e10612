"""Which texts both databases hold."""


def storable(text: str) -> bool:
    """No NUL, which PostgreSQL refuses, and no half of a surrogate pair, which is no UTF-8."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
