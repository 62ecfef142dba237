"""Escapes through functions of permitted modules that read attributes or evaluate code for the script."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "attrgetter",
        "operator.attrgetter",
        """
        import operator, textwrap
        def main(): return {'reached': str(operator.attrgetter('__globals__')(textwrap.dedent))[:80]}
        """,
    ),
    _probe(
        "reduce-getattr",
        "functools.reduce(getattr, …)",
        """
        import functools
        def main():
            d = '_' * 2
            found = functools.reduce(getattr, [d + 'class' + d, d + 'base' + d], ())
            return {'reached': str(found)}
        """,
    ),
    _probe(
        "partial-getattr",
        "map of functools.partial(getattr, …)",
        """
        import functools
        def main():
            d = '_' * 2
            found = list(map(functools.partial(getattr, main), [d + 'globals' + d]))
            return {'reached': str(found[0])[:80]}
        """,
    ),
    _probe(
        "cached-property",
        "functools.cached_property.func",
        """
        import functools
        def main(): return {'reached': str(functools.cached_property(main).func.__globals__)[:80]}
        """,
    ),
    _probe(
        "wraps",
        "functools.update_wrapper, which copies any attribute",
        """
        import functools
        class C: pass
        def main():
            made = functools.update_wrapper(C, main, assigned=('__globals__',), updated=())
            return {'reached': str(made.__globals__)[:80]}
        """,
    ),
    _probe(
        "namedtuple",
        "collections.namedtuple, which calls eval",
        """
        import collections
        def main():
            made = collections.namedtuple('N', 'a')
            return {'reached': str(made.__new__.__globals__['__builtins__'])}
        """,
    ),
    _probe(
        "typing-hints",
        "typing.get_type_hints, which calls eval",
        """
        import typing
        def f(x: "__import__('os').getcwd()"): pass
        class C:
            x: "len(().__class__.__base__.__subclasses__()) and int"
        def main(): return {'reached': str(typing.get_type_hints(C))}
        """,
    ),
    _probe(
        "typing-forward-ref",
        "typing.ForwardRef.__forward_code__",
        """
        import typing
        def main():
            made = typing.ForwardRef('().__class__.__base__.__subclasses__()')
            return {'reached': str(eval(made.__forward_code__))[:80]}
        """,
    ),
    _probe(
        "copy-reduce",
        "copy of an object whose __reduce_ex__ names getattr",
        """
        import copy
        class C:
            def __reduce_ex__(self, protocol): return (getattr, (main, '__globals__'))
        def main(): return {'reached': str(copy.copy(C()))[:80]}
        """,
    ),
    _probe(
        "redirected-stream",
        "contextlib.redirect_stdout of another attribute of sys",
        """
        import contextlib
        class Redirect(contextlib.redirect_stdout):
            _stream = "modules"
        def main():
            redirect = Redirect({})
            with redirect: modules = redirect._old_targets[-1]
            return {"reached": str(modules["os"])}
        """,
    ),
    _probe(
        "error-object",
        "AttributeError.obj of a module",
        """
        import contextlib
        class Redirect(contextlib.redirect_stdout):
            _stream = "nothing"
        def main():
            try:
                with Redirect(None): pass
            except AttributeError as error:
                return {"reached": str(error.obj.modules["os"])}
        """,
    ),
    _probe(
        "singledispatch-annotation",
        "functools.singledispatch, which evaluates annotations",
        """
        import functools
        reached = []
        def note(found):
            reached.append(found)
            return int
        @functools.singledispatch
        def dispatch(x): pass
        def main():
            @dispatch.register
            def way(x: "note(print.__self__.open)"): pass
            return {"reached": str(reached[0])}
        """,
    ),
    _probe(
        "contextlib-wraps",
        "contextlib.wraps, which copies any attribute",
        """
        import contextlib
        seen = []
        class Takes:
            def __setattr__(self, name, value): seen.append(value)
        def main():
            d = "_" * 2
            contextlib.wraps(print, assigned=(d + "self" + d,), updated=())(Takes())
            return {"reached": str(seen[0].open)}
        """,
    ),
)
