import contextlib
from contextlib import suppress

ujson = orjson = None
with suppress(ImportError):
    import ujson
with contextlib.suppress(ModuleNotFoundError, AttributeError):
    import orjson


def main():
    return {"ujson": ujson is not None, "orjson": orjson is not None}
