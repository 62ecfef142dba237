"""Escapes through match patterns, which read attributes."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "match-attribute",
        "a match pattern that reads an attribute",
        """
        def main():
            match main:
                case object(__globals__=found): return {'reached': str(found)[:80]}
        """,
    ),
    _probe(
        "match-args",
        "__match_args__ that names any attribute",
        """
        class M(type):
            def __instancecheck__(cls, x): return True
        def read(target, name):
            class C(metaclass=M):
                __match_args__ = (name,)
            match target:
                case C(found): return found
        def main():
            d = "_" * 2
            return {"reached": str(read(read(print, d + "self" + d), "open").__name__)}
        """,
    ),
    _probe(
        "match-args-by-type",
        "__match_args__ in a namespace given to type",
        """
        import textwrap
        def main():
            d = "_" * 2
            M = type("M", (type,), {d + "instancecheck" + d: lambda cls, x: True})
            C = M("C", (), {d + "match_args" + d: (d + "globals" + d,)})
            match textwrap.dedent:
                case C(found): return {"reached": str(found)[:80]}
        """,
    ),
)
