"""Ways out of a Python that is guarded in Python: through modules and what they do for a script."""

# A script may have long lines.
# ruff: noqa: E501

from typing import Final

from selftest.probes.prelude import escape as _escape

PROBES: Final = (
    _escape(
        "import-os",
        "import os",
        """
        import os
        def main(): return {'reached': os.getcwd()}
        """,
    ),
    _escape(
        "import-inside",
        "import in a function",
        """
        def main():
            import subprocess
            return {'reached': str(subprocess)}
        """,
    ),
    _escape(
        "from-import-alias",
        "from posix import … as …",
        """
        from posix import listdir as ls
        def main(): return {'reached': ls('/')}
        """,
    ),
    _escape(
        "import-machinery",
        "importlib",
        """
        import importlib
        def main(): return {'reached': str(importlib.import_module('os'))}
        """,
    ),
    _escape(
        "io-open",
        "io.open, io.FileIO, io.open_code",
        """
        import io
        def main():
            for way in ('open', 'FileIO', 'open_code'):
                try: return {'reached': str(getattr(io, way)('/usr/bin/python3'))}
                except AttributeError: pass
            raise LookupError
        """,
    ),
    _escape(
        "formatter",
        "string.Formatter that walks attributes",
        """
        import string
        def main():
            d = '_' * 2
            found, _ = string.Formatter().get_field('0.' + d + 'globals' + d, (main,), {})
            return {'reached': str(found)[:80]}
        """,
    ),
    _escape(
        "library-globals",
        "a library function's __globals__",
        """
        import textwrap
        def main(): return {'reached': str(textwrap.dedent.__globals__['__builtins__']['open'])}
        """,
    ),
    _escape(
        "module-spec",
        "json.__spec__.loader, __loader__",
        """
        import json
        def main(): return {'reached': str(json.__spec__.loader.get_data('/usr/bin/python3')[:4])}
        """,
    ),
    _escape(
        "module-dict",
        "vars(json)",
        """
        import json
        def main(): return {'reached': str(vars(json)['__builtins__'])[:80]}
        """,
    ),
    _escape(
        "star-import",
        "from … import *",
        """
        from os import *
        def main(): return {'reached': getcwd()}
        """,
    ),
    _escape(
        "attrgetter",
        "operator.attrgetter",
        """
        import operator
        def main(): return {'reached': str(operator.attrgetter('__globals__')(main))[:80]}
        """,
    ),
    _escape(
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
    _escape(
        "partial-getattr",
        "functools.partial(getattr, …), map(getattr, …)",
        """
        import functools
        def main():
            d = '_' * 2
            found = list(map(functools.partial(getattr, main), [d + 'globals' + d]))
            return {'reached': str(found[0])[:80]}
        """,
    ),
    _escape(
        "functools-globals",
        "functools' own globals",
        """
        import functools
        def main(): return {'reached': str(functools.GenericAlias.__class__), 'm': str(functools.recursive_repr.__globals__['__builtins__'])[:40]}
        """,
    ),
    _escape(
        "cached-property",
        "functools.cached_property.func",
        """
        import functools
        def main(): return {'reached': str(functools.cached_property(main).func.__globals__)[:80]}
        """,
    ),
    _escape(
        "wraps",
        "functools.wraps, update_wrapper's __wrapped__",
        """
        import functools
        class C: pass
        def main():
            made = functools.update_wrapper(C, main, assigned=('__globals__',), updated=())
            return {'reached': str(made.__globals__)[:80]}
        """,
    ),
    _escape(
        "namedtuple",
        "collections.namedtuple, which calls eval",
        """
        import collections
        def main():
            made = collections.namedtuple('N', 'a')
            return {'reached': str(made.__new__.__globals__['__builtins__'])}
        """,
    ),
    _escape(
        "namedtuple-module",
        "collections.namedtuple(module=…), _sys",
        """
        import collections
        def main(): return {'reached': str(collections._sys.modules['os'])}
        """,
    ),
    _escape(
        "dataclasses-sys",
        "dataclasses.sys.modules['os']",
        """
        import dataclasses
        def main(): return {'reached': str(dataclasses.sys.modules['os'])}
        """,
    ),
    _escape(
        "dataclasses-builtins",
        "dataclasses.builtins",
        """
        import dataclasses
        def main(): return {'reached': str(dataclasses.builtins.open)}
        """,
    ),
    _escape(
        "dataclasses-code",
        "make_dataclass with code for a type or a default",
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
    _escape(
        "enum-sys",
        "enum.sys",
        """
        import enum
        def main(): return {'reached': str(enum.sys.modules['os'])}
        """,
    ),
    _escape(
        "typing-sys",
        "typing.sys",
        """
        import typing
        def main(): return {'reached': str(typing.sys.modules['os'])}
        """,
    ),
    _escape(
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
    _escape(
        "typing-forward-ref",
        "typing.ForwardRef._evaluate",
        """
        import typing
        def main():
            made = typing.ForwardRef('().__class__.__base__.__subclasses__()')
            return {'reached': str(eval(made.__forward_code__))[:80]}
        """,
    ),
    _escape(
        "random-os",
        "random._os",
        """
        import random
        def main(): return {'reached': str(random._os)}
        """,
    ),
    _escape(
        "random-urandom",
        "random._urandom.__self__",
        """
        import random
        def main(): return {'reached': str(random._urandom.__self__)}
        """,
    ),
    _escape(
        "statistics-sys",
        "statistics.sys.modules['os']",
        """
        import statistics
        def main(): return {'reached': str(statistics.sys.modules['os'])}
        """,
    ),
    _escape(
        "uuid-os",
        "uuid.os",
        """
        import uuid
        def main(): return {'reached': str(uuid.os)}
        """,
    ),
    _escape(
        "re-internals",
        "re.enum.sys, re._compiler",
        """
        import re
        def main(): return {'reached': str(re.enum.sys.modules['os'])}
        """,
    ),
    _escape(
        "json-internals",
        "json.decoder.scanner, json.codecs",
        """
        import json
        def main(): return {'reached': str(json.codecs.open), 'm': str(json.decoder.scanner)}
        """,
    ),
    _escape(
        "csv-internals",
        "csv.re.enum, csv.types",
        """
        import csv
        def main(): return {'reached': str(csv.re.enum.sys.modules['os'])}
        """,
    ),
    _escape(
        "base64-main",
        "base64.main, which opens files",
        """
        import base64
        def main(): return {'reached': str(base64.main.__globals__['__builtins__'])[:80]}
        """,
    ),
    _escape(
        "string-internals",
        "string._re, string._string",
        """
        import string
        def main(): return {'reached': str(string._re.enum.sys)}
        """,
    ),
    _escape(
        "datetime-internals",
        "datetime.sys; strptime's import",
        """
        import datetime
        def main(): return {'reached': str(datetime.sys)}
        """,
    ),
    _escape(
        "heapq-doc",
        "bisect, heapq, copy: __builtins__ of a module",
        """
        import copy
        def main(): return {'reached': str(copy.__builtins__['open'])}
        """,
    ),
    _escape(
        "copy-reduce",
        "copy of an object whose __reduce_ex__ calls",
        """
        import copy
        class C:
            def __reduce_ex__(self, protocol): return (getattr, (main, '__globals__'))
        def main(): return {'reached': str(copy.copy(C()))[:80]}
        """,
    ),
    _escape(
        "sys-getframe",
        "sys._getframe",
        """
        import sys
        def main(): return {'reached': str(sys._getframe(1).f_globals)[:80]}
        """,
    ),
    _escape(
        "sys-modules",
        "sys.modules",
        """
        import sys
        def main(): return {'reached': str(sys.modules['os'])}
        """,
    ),
    _escape(
        "sys-settrace",
        "sys.settrace, setprofile, which are given frames",
        """
        import sys
        seen = []
        def main():
            sys.setprofile(lambda frame, *_: seen.append(frame.f_builtins))
            len([])
            sys.setprofile(None)
            return {'reached': str(seen[0]['open'])}
        """,
    ),
    _escape(
        "sys-excepthook",
        "sys.excepthook, unraisablehook",
        """
        import sys
        def main():
            sys.unraisablehook = print
            return {'reached': str(sys.__unraisablehook__)}
        """,
    ),
    _escape(
        "ctypes",
        "import ctypes",
        """
        import ctypes
        def main(): return {'reached': str(ctypes.CDLL(None))}
        """,
    ),
    _escape(
        "gc",
        "gc.get_objects",
        """
        import gc
        def main(): return {'reached': len(gc.get_objects()) > 0}
        """,
    ),
    _escape(
        "pickle",
        "pickle that imports",
        """
        import pickle
        def main(): return {'reached': str(pickle.loads(b'cposix\\ngetcwd\\n.'))}
        """,
    ),
    _escape(
        "threading",
        "threading, which opens another interpreter's door",
        """
        import threading
        def main(): return {'reached': str(threading._os)}
        """,
    ),
    _escape(
        "inspect-frames",
        "inspect.currentframe",
        """
        import inspect
        def main(): return {'reached': str(inspect.currentframe().f_back)}
        """,
    ),
    _escape(
        "uuid-command",
        "uuid's way to run programs",
        """
        import uuid
        def main(): return {'reached': str(uuid._get_command_stdout)}
        """,
    ),
    _escape(
        "copyreg",
        "copy's own tables",
        """
        import copy
        def main(): return {'reached': str(copy._deepcopy_dispatch)}
        """,
    ),
    _escape(
        "user-string-format",
        "collections.UserString.format",
        """
        import collections
        def main():
            d = "_" * 2
            return {"reached": str(collections.UserString("{0." + d + "globals" + d + "}").format(main))[:80]}
        """,
    ),
    _escape(
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
    _escape(
        "error-object",
        "the module an AttributeError was raised for",
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
    _escape(
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
    _escape(
        "contextlib-wraps",
        "contextlib's functools.wraps, which copies any attribute",
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
    _escape(
        "dataclass-astuple",
        "dataclasses.astuple, which reads the fields' names",
        """
        import dataclasses
        def main():
            d = "_" * 2
            field = dataclasses.fields(dataclasses.make_dataclass("B", [("y", int)]))[0]
            field.name = d + "base" + d
            M = type("M", (type,), {d + "dataclass_fields" + d: {"y": field}})
            return {"reached": str(dataclasses.astuple(M("C", (), {}))[0])}
        """,
    ),
    _escape(
        "make-dataclass-name",
        "make_dataclass with a name that is code",
        """
        import dataclasses
        class Name(str):
            def isidentifier(self): return True
            def __format__(self, spec):
                self.asked = getattr(self, "asked", 0) + 1
                return "x=" + self.code + ",*,z" if self.asked == self.turn else "x"
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
    _escape(
        "dataclass-field-name",
        "a base whose field's name is code",
        """
        import dataclasses
        class Name(str):
            def isidentifier(self): return True
            def __format__(self, spec):
                self.asked = getattr(self, "asked", 0) + 1
                return "x=" + self.code + ",*,z" if self.asked == self.turn else "x"
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
    _escape(
        "raw-file",
        "the class of the streams' raw file, which opens files",
        """
        import sys
        def main(): return {'reached': str(type(sys.stdout.buffer.raw))}
        """,
    ),
)
