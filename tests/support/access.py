"""Who may use an application under test."""

from config.credentials import Credentials, new_key

#: Everybody.
OPEN = Credentials({})


def keys(*names: str) -> tuple[Credentials, list[dict[str, str]]]:
    """Return credentials of fresh keys, and for each name the header of its requests."""
    made = [new_key(name) for name in names]
    headers = [{"Authorization": f"Bearer {key}"} for key, _ in made]
    return Credentials.parse([entry for _, entry in made]), headers
