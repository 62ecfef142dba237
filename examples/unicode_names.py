"""Unicode: find double names and sort them, whatever their alphabet."""

import unicodedata


def key(name):
    """Return the name without marks and case, for comparing."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def main(names):
    unique = {}
    for name in names:
        unique.setdefault(key(name), unicodedata.normalize("NFC", name))
    for name in sorted(unique.values(), key=key):
        initial = unicodedata.name(name[0]).title()
        print(f"{name} ({len(name)} letters): {initial}")
    return {"names": sorted(unique.values(), key=key), "duplicates": len(names) - len(unique)}
