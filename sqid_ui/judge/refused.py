"""An answer that says no."""


class Refused(Exception):
    """An answer with a status of its own and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
