"""Escapes through the attributes of functions: globals, code, defaults."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "function-globals",
        "f.__globals__",
        """
        def main(): return {'reached': str(main.__globals__['__builtins__'])[:80]}
        """,
    ),
    _probe(
        "function-code",
        "f.__code__.replace",
        """
        def f(): return 1
        def main():
            f.__code__ = f.__code__.replace(co_consts=(None, 2))
            return {'reached': str(f.__code__)}
        """,
    ),
    _probe(
        "function-type",
        "a function made by type(f) from code",
        """
        def main():
            made = type(main)(main.__code__, {'__builtins__': {}})
            return {'reached': str(made)}
        """,
    ),
    _probe(
        "class-assignment",
        "a function made by f.__class__ from f.__code__",
        """
        def main():
            f = lambda: 1
            g = f.__class__(f.__code__, {})
            return {'reached': str(g)}
        """,
    ),
    _probe(
        "decorator",
        "a decorator that is getattr",
        """
        def main():
            d = '_' * 2
            @lambda f: getattr(f, d + 'globals' + d)
            def found(): pass
            return {'reached': str(found[d + 'builtins' + d])[:80]}
        """,
    ),
    _probe(
        "lambda-default",
        "a default value that reads the class hierarchy",
        """
        def main(found=().__class__.__base__): return {'reached': str(found.__subclasses__())[:80]}
        """,
    ),
    _probe(
        "finaliser",
        "a finaliser that reads __globals__",
        """
        class C:
            def __del__(self): C.found = C.f.__globals__
            def f(self): pass
        def main():
            C()
            return {'reached': str(C.found['__builtins__'])[:80]}
        """,
    ),
    _probe(
        "unicode-names",
        "letters that Python normalises to a dunder name",
        """
        def main(): return {'reached': str(main.__ｇlobals__['__builtins__'])[:80]}
        """,
    ),
    _probe(
        "property-getter",
        "property.fget.__globals__",
        """
        class C:
            @property
            def p(self): return 1
        def main(): return {'reached': str(C.__dict__['p'].fget.__globals__)[:80]}
        """,
    ),
    _probe(
        "computed-getattr",
        "getattr with a computed name",
        """
        def main():
            d = '_' * 2
            base = getattr(getattr((), d + 'class' + d), d + 'base' + d)
            return {'reached': len(getattr(base, d + 'subclasses' + d)())}
        """,
    ),
    _probe(
        "reduce-ex",
        "object.__reduce_ex__",
        """
        def main(): return {'reached': str((1).__reduce_ex__(2)[0].__globals__['__builtins__'])[:80]}
        """,
    ),
)
