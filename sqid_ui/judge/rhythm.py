"""How long judging takes, in words."""


def duration(seconds: float) -> str:
    """As people say it; the same words as in `desk/pace.js`."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} seconds"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} minutes"
    return f"{round(minutes / 30) / 2:g} hours"
