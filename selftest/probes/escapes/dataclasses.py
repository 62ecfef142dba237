"""Escapes through dataclasses, which generate code from the names of fields."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

#: Defines `Name`: a str that formats as code on its `turn`-th use, and passes the check for an identifier.
_CODE_NAME: Final = """
        import dataclasses
        class Name(str):
            def isidentifier(self): return True
            def __format__(self, spec):
                self.asked = getattr(self, "asked", 0) + 1
                return "x=" + self.code + ",*,z" if self.asked == self.turn else "x"
        """

PROBES: Final = (
    _probe(
        "dataclasses-code",
        "make_dataclass with a namespace",
        """
        import dataclasses
        class T(str):
            def isidentifier(self): return True
        def main():
            hit = []
            name = T('x: hit.append(1) = 0')
            made = dataclasses.make_dataclass('D', [('x', int)], namespace={'f': main})
            return {'reached': str(made.f.__globals__)[:80]}
        """,
    ),
    _probe(
        "dataclass-of-a-module",
        "a dataclass whose __module__ is os, and a field whose default reads from there",
        _CODE_NAME
        + """
        def main():
            d = "_" * 2
            for turn in range(1, 9):
                name = Name("x")
                name.turn, name.code = turn, "environ"
                try:
                    made = type("D", (), {d + "annotations" + d: {name: int}, d + "module" + d: "os"})
                    made = dataclasses.dataclass(made)(z=1)
                except (SyntaxError, TypeError):
                    continue
                return {"reached": str(made.x)[:80]}
            raise LookupError
        """,
    ),
    _probe(
        "make-dataclass-name",
        "make_dataclass with a field name that is code",
        _CODE_NAME
        + """
        def main():
            d = "_" * 2
            for turn in range(1, 9):
                name = Name("x")
                name.turn, name.code = turn, "print." + d + "self" + d + ".open"
                try:
                    made = dataclasses.make_dataclass("D", [(name, int)])(z=1)
                except (SyntaxError, TypeError):
                    continue
                return {"reached": str(made.x)}
            raise LookupError
        """,
    ),
    _probe(
        "dataclass-field-name",
        "a base class whose field name is code",
        _CODE_NAME
        + """
        def main():
            d = "_" * 2
            for turn in range(1, 9):
                name = Name("x")
                name.turn, name.code = turn, "print." + d + "self" + d + ".open"
                try:
                    base = dataclasses.make_dataclass("B", [("x", int)])
                    dataclasses.fields(base)[0].name = name
                    class D(base): pass
                    made = dataclasses.dataclass(D)(z=1)
                except (SyntaxError, TypeError):
                    continue
                return {"reached": str(made.x)}
            raise LookupError
        """,
    ),
)
