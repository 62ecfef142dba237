"""Escapes through functions that read an attribute by a name that the script computes.

Each script reads the globals of a library function. `d` is two underscores.
"""

from typing import Final

from selftest.probes.escapes.escape import escape_probe

#: An expression that reads the attribute `name` of `target`, by the name of the reader.
_READERS: Final = {
    "object.__getattribute__": "object.__getattribute__(target, name)",
    "operator.attrgetter": "operator.attrgetter(name)(target)",
    "operator.methodcaller": "operator.methodcaller(d + 'getattribute' + d, name)(target)",
    "functools.cached_property": "cached(type(target), name).__get__(target)",
    "functools.update_wrapper": "getattr(functools.update_wrapper(C(), target, (name,), ()), name)",
    "functools.reduce": "functools.reduce(getattr, [name], target)",
    "copy": "copy.copy(Reduced(getattr, (target, name)))",
    "map": "next(map(getattr, [target], [name]))",
    "sorted": "sorted([target], key=lambda t: found.append(getattr(t, name))) and found[0]",
    "bound-method-reduce": "[].append.__reduce__()[0](target, name)",
    "eval": "eval('target.' + name)",
    "exec": "exec('f' + 'ound.append(target.' + name + ')') or found[0]",
    "singledispatchmethod": "functools.partialmethod(getattr, name).__get__(target)()",
    "namedtuple": "collections.namedtuple('N', 'a', defaults=[1])._make([target])[0].__getattribute__(name)",
    "descriptor": "type(target).__dict__[name].__get__(target)",
}

_SCRIPT: Final = """
        import collections, copy, functools, operator, textwrap
        class C: pass
        class Reduced:
            def __init__(self, *found): self.found = found
            def __reduce_ex__(self, protocol): return self.found
        def cached(cls, name):
            made = functools.cached_property(len)
            made.__set_name__(None, name)
            class Cached:
                def __get__(self, target): return made.__get__(cls).__get__(target)
            return Cached()
        def main():
            d = '_' * 2
            name, target, found = d + 'globals' + d, textwrap.dedent, []
            return {{'reached': str(({expression})['re'])}}
        """

PROBES: Final = tuple(
    escape_probe(
        f"reader-{reader}",
        f"{reader} that reads the globals of a function",
        _SCRIPT.format(expression=expression),
    )
    for reader, expression in _READERS.items()
)
