# mode: "program"
class Missing(Exception):
    """No row."""


def find(rows, key):
    try:
        return rows[key]
    except KeyError as error:
        raise Missing(f"no {key!r}") from error


try:
    find({}, "a")
except Missing:
    find({}, "b")
