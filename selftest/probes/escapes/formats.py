"""Escapes through format strings, which read attributes."""

# A script may have long lines.
# ruff: noqa: E501

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "format-attributes",
        "str.format that reads attributes",
        """
        import textwrap
        def main():
            text = '{0.__globals__}'.format(textwrap.dedent)
            if '__builtins__' not in text: raise LookupError
            return {'reached': text[:80]}
        """,
    ),
    _probe(
        "format-computed",
        "a format string made at run time",
        """
        import textwrap
        def main():
            d = '_' * 2
            text = ('{0.' + d + 'globals' + d + '}').format(textwrap.dedent)
            if d + 'builtins' + d not in text: raise LookupError
            return {'reached': text[:80]}
        """,
    ),
    _probe(
        "format-map",
        "str.format_map that reads attributes",
        """
        import textwrap
        def main():
            d = '_' * 2
            return {'reached': ('{m.' + d + 'globals' + d + '}').format_map({'m': textwrap.dedent})[:80]}
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
        import string, textwrap
        def main():
            d = '_' * 2
            found, _ = string.Formatter().get_field('0.' + d + 'globals' + d, (textwrap.dedent,), {})
            return {'reached': str(found)[:80]}
        """,
    ),
    _probe(
        "match-format",
        "a match pattern that reads str.format",
        """
        import textwrap
        def main():
            d = "_" * 2
            match "{0." + d + "globals" + d + "}":
                case str(format=way): return {"reached": way(textwrap.dedent)[:80]}
        """,
    ),
    _probe(
        "getattr-format",
        "getattr that reads str.format",
        """
        import textwrap
        def main():
            d = "_" * 2
            return {"reached": getattr("{0." + d + "globals" + d + "}", "format")(textwrap.dedent)[:80]}
        """,
    ),
    _probe(
        "super-format",
        "super().format",
        """
        import textwrap
        class S(str):
            def way(self, given): return super().format(given)
        def main():
            d = "_" * 2
            return {"reached": S("{0." + d + "globals" + d + "}").way(textwrap.dedent)[:80]}
        """,
    ),
    _probe(
        "super-format-map",
        "super().format_map",
        """
        import textwrap
        class S(str):
            def way(self, given): return super().format_map(given)
        def main():
            d = "_" * 2
            return {"reached": S("{m." + d + "globals" + d + "}").way({"m": textwrap.dedent})[:80]}
        """,
    ),
    _probe(
        "user-string-format",
        "collections.UserString.format",
        """
        import collections, textwrap
        def main():
            d = "_" * 2
            return {"reached": str(collections.UserString("{0." + d + "globals" + d + "}").format(textwrap.dedent))[:80]}
        """,
    ),
)
