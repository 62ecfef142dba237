"""Why an environment cannot be built or used."""


class Refusal(Exception):
    """What is wrong with a lock file, a wheel or a folder, in one line for the operator."""


def shown(text: str) -> str:
    """Return text from a file of others for a message: short, in one line, without control characters."""
    plain = text if text.isprintable() else ascii(text)
    return plain if len(plain) <= 200 else f"{plain[:200]}…"
