import json
from datetime import date


def main():
    class Encoder(json.JSONEncoder):
        def default(self, value):
            return value.isoformat() if isinstance(value, date) else super().default(value)

    print(json.dumps({"b": [1, {"é": None}], "a": date(2024, 1, 1)}, cls=Encoder, indent=2, sort_keys=True))
    try:
        json.dumps({1, 2})
    except TypeError as error:
        message = str(error)
    return {"loaded": json.loads("[1e2, true, null, \"\\u00e9\"]"), "error": message}
