"""Escapes through format strings, which read attributes."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "format-attributes",
        "str.format that reads attributes",
        """
        def f(): pass
        def main():
            text = '{0.__globals__}'.format(f)
            if '__builtins__' not in text: raise LookupError
            return {'reached': text[:80]}
        """,
    ),
    _probe(
        "format-computed",
        "a format string made at run time",
        """
        def f(): pass
        def main():
            d = '_' * 2
            text = ('{0.' + d + 'globals' + d + '}').format(f)
            if d + 'builtins' + d not in text: raise LookupError
            return {'reached': text[:80]}
        """,
    ),
    _probe(
        "format-map",
        "str.format_map that reads attributes",
        """
        def main():
            d = '_' * 2
            return {'reached': ('{m.' + d + 'globals' + d + '}').format_map({'m': main})[:80]}
        """,
    ),
    _probe(
        "f-string",
        "an f-string that reads attributes",
        """
        def main(): return {'reached': f'{main.__globals__["__builtins__"]}'[:80]}
        """,
    ),
    _probe(
        "formatter",
        "string.Formatter that reads attributes",
        """
        import string
        def main():
            d = '_' * 2
            found, _ = string.Formatter().get_field('0.' + d + 'globals' + d, (main,), {})
            return {'reached': str(found)[:80]}
        """,
    ),
    _probe(
        "match-format",
        "a match pattern that reads str.format",
        """
        def main():
            d = "_" * 2
            match "{0." + d + "globals" + d + "}":
                case str(format=way): return {"reached": way(main)[:80]}
        """,
    ),
    _probe(
        "getattr-format",
        "getattr that reads str.format",
        """
        def main():
            d = "_" * 2
            return {"reached": getattr("{0." + d + "globals" + d + "}", "format")(main)[:80]}
        """,
    ),
    _probe(
        "super-format",
        "super().format",
        """
        class S(str):
            def way(self, given): return super().format(given)
        def main():
            d = "_" * 2
            return {"reached": S("{0." + d + "globals" + d + "}").way(main)[:80]}
        """,
    ),
    _probe(
        "super-format-map",
        "super().format_map",
        """
        class S(str):
            def way(self, given): return super().format_map(given)
        def main():
            d = "_" * 2
            return {"reached": S("{m." + d + "globals" + d + "}").way({"m": main})[:80]}
        """,
    ),
    _probe(
        "user-string-format",
        "collections.UserString.format",
        """
        import collections
        def main():
            d = "_" * 2
            return {"reached": str(collections.UserString("{0." + d + "globals" + d + "}").format(main))[:80]}
        """,
    ),
)
