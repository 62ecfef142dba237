"""API keys for tests."""

from config.credentials import Credentials, new_key

#: No keys: requests need none.
NO_KEYS = Credentials({})


def make_keys(*names: str) -> tuple[Credentials, list[dict[str, str]]]:
    """Make a key for each name; return their credentials and the request headers of each key."""
    keys = [new_key(name) for name in names]
    headers = [{"Authorization": f"Bearer {key}"} for key, _ in keys]
    return Credentials.parse([entry for _, entry in keys]), headers
