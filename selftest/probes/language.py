"""Ways out of a Python that is guarded in Python: through attributes, frames, formats and classes."""

# A script may have long lines.
# ruff: noqa: E501

from typing import Final

from selftest.probes.prelude import escape as _escape

PROBES: Final = (
    _escape(
        "dunder-import",
        "__import__",
        """
        def main(): return {'reached': __import__('os').getcwd()}
        """,
    ),
    _escape(
        "builtins-by-name",
        "__builtins__['__import__']",
        """
        def main():
            b = __builtins__
            i = b['__import__'] if type(b) is dict else b.__import__
            return {'reached': i('os').getcwd()}
        """,
    ),
    _escape(
        "globals-builtins",
        "globals()['__builtins__']",
        """
        def main():
            b = globals()['__built' + 'ins__']
            i = b['__import__'] if type(b) is dict else b.__import__
            return {'reached': str(i('os'))}
        """,
    ),
    _escape(
        "eval-import",
        "eval of an import",
        """
        def main(): return {'reached': str(eval("__imp" + "ort__('os')"))}
        """,
    ),
    _escape(
        "exec-import",
        "exec of an import",
        """
        def main():
            space = {}
            exec('import o' + 's', space)
            return {'reached': str(space['os'])}
        """,
    ),
    _escape(
        "compile-code",
        "compile and run",
        """
        def main():
            space = {}
            exec(compile('import os', 'x', 'exec'), space)
            return {'reached': str(space['os'])}
        """,
    ),
    _escape(
        "open-a-file",
        "open",
        """
        def main():
            with open('/usr/bin/python3', 'rb') as file: return {'reached': len(file.read(4))}
        """,
    ),
    _escape(
        "subclasses",
        "().__class__.__base__.__subclasses__()",
        """
        def main():
            for cls in ().__class__.__base__.__subclasses__():
                if cls.__name__ == '_wrap_close': return {'reached': str(cls.__init__.__globals__['listdir']('/'))}
            raise LookupError
        """,
    ),
    _escape(
        "subclasses-of-type",
        "type.__subclasses__(object)",
        """
        def main():
            for cls in type.__subclasses__(object):
                if cls.__name__ == 'BuiltinImporter': return {'reached': str(cls.load_module('posix'))}
            raise LookupError
        """,
    ),
    _escape(
        "mro",
        "type.mro(list)[-1]",
        """
        def main():
            names = [c.__name__ for c in type.__subclasses__(type.mro(list)[-1])]
            return {'reached': len(names)}
        """,
    ),
    _escape(
        "computed-getattr",
        "getattr with a computed name",
        """
        def main():
            d = '_' * 2
            base = getattr(getattr((), d + 'class' + d), d + 'base' + d)
            return {'reached': len(getattr(base, d + 'subclasses' + d)())}
        """,
    ),
    _escape(
        "format-attributes",
        "str.format that walks attributes",
        """
        def f(): pass
        def main():
            text = '{0.__globals__}'.format(f)
            if '__builtins__' not in text: raise LookupError
            return {'reached': text[:80]}
        """,
    ),
    _escape(
        "format-computed",
        "a format string put together at run time",
        """
        def f(): pass
        def main():
            d = '_' * 2
            text = ('{0.' + d + 'globals' + d + '}').format(f)
            if d + 'builtins' + d not in text: raise LookupError
            return {'reached': text[:80]}
        """,
    ),
    _escape(
        "format-map",
        "str.format_map that walks attributes",
        """
        def main():
            d = '_' * 2
            return {'reached': ('{m.' + d + 'globals' + d + '}').format_map({'m': main})[:80]}
        """,
    ),
    _escape(
        "f-string",
        "an f-string that walks attributes",
        """
        def main(): return {'reached': f'{main.__globals__["__builtins__"]}'[:80]}
        """,
    ),
    _escape(
        "generator-frame",
        "gi_frame.f_back",
        """
        def main():
            def g(): yield frame.gi_frame.f_back.f_back
            frame = g()
            back = next(frame)
            return {'reached': str(back.f_globals)[:80]}
        """,
    ),
    _escape(
        "generator-globals",
        "gi_frame.f_builtins",
        """
        def main():
            g = (x for x in ())
            return {'reached': str(g.gi_frame.f_builtins['__import__']('os'))}
        """,
    ),
    _escape(
        "coroutine-frame",
        "cr_frame.f_builtins",
        """
        async def c(): pass
        def main():
            found = c()
            reached = str(found.cr_frame.f_builtins['open'])
            found.close()
            return {'reached': reached}
        """,
    ),
    _escape(
        "async-generator-frame",
        "ag_frame.f_globals",
        """
        async def g(): yield 1
        def main(): return {'reached': str(g().ag_frame.f_builtins['open'])}
        """,
    ),
    _escape(
        "traceback-frame",
        "__traceback__.tb_frame.f_back",
        """
        def main():
            try: 1 / 0
            except ZeroDivisionError as e: return {'reached': str(e.__traceback__.tb_frame.f_back.f_globals)[:80]}
        """,
    ),
    _escape(
        "with-traceback",
        "the traceback that __exit__ is given",
        """
        class C:
            def __enter__(self): return self
            def __exit__(self, kind, value, trace):
                self.seen = trace.tb_frame.f_builtins['open']
                return True
        def main():
            c = C()
            with c: 1 / 0
            return {'reached': str(c.seen)}
        """,
    ),
    _escape(
        "exception-object",
        "AttributeError.obj, NameError of a guard",
        """
        def main():
            try: (lambda: None).nothing
            except AttributeError as e: return {'reached': str(e.obj.__globals__['__builtins__'])[:80]}
        """,
    ),
    _escape(
        "function-globals",
        "f.__globals__",
        """
        def main(): return {'reached': str(main.__globals__['__builtins__'])[:80]}
        """,
    ),
    _escape(
        "function-code",
        "f.__code__.replace",
        """
        def f(): return 1
        def main():
            f.__code__ = f.__code__.replace(co_consts=(None, 2))
            return {'reached': str(f.__code__)}
        """,
    ),
    _escape(
        "function-type",
        "type(f) called with code",
        """
        def main():
            made = type(main)(main.__code__, {'__builtins__': {}})
            return {'reached': str(made)}
        """,
    ),
    _escape(
        "method-self",
        "print.__self__",
        """
        def main(): return {'reached': str(print.__self__.open)}
        """,
    ),
    _escape(
        "match-attribute",
        "a match pattern that reads an attribute",
        """
        def main():
            match main:
                case object(__globals__=found): return {'reached': str(found)[:80]}
        """,
    ),
    _escape(
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
    _escape(
        "metaclass-prepare",
        "a metaclass that sees the namespace",
        """
        class M(type):
            def __new__(m, name, bases, space):
                made = super().__new__(m, name, bases, space)
                return made
        class C(metaclass=M): pass
        def main(): return {'reached': str(C.__mro__[-1].__subclasses__())[:80]}
        """,
    ),
    _escape(
        "init-subclass",
        "__init_subclass__ that reads __globals__",
        """
        class A:
            def __init_subclass__(cls, **k): A.found = cls.f.__globals__
        class B(A):
            def f(self): pass
        def main(): return {'reached': str(A.found['__builtins__'])[:80]}
        """,
    ),
    _escape(
        "set-name",
        "__set_name__ and descriptors",
        """
        class D:
            def __set_name__(self, owner, name): D.found = owner.__mro__[-1]
        class C:
            d = D()
        def main(): return {'reached': len(D.found.__subclasses__())}
        """,
    ),
    _escape(
        "build-class",
        "__build_class__",
        """
        def main():
            b = __build_class__
            return {'reached': str(b.__self__)}
        """,
    ),
    _escape(
        "walrus-comprehension",
        "a walrus in a comprehension that walks",
        """
        def main():
            return {'reached': [len(y.__subclasses__()) for x in [()] if (y := x.__class__.__base__)]}
        """,
    ),
    _escape(
        "lambda-default",
        "a default value that walks",
        """
        def main(found=().__class__.__base__): return {'reached': str(found.__subclasses__())[:80]}
        """,
    ),
    _escape(
        "name-mangling",
        "a mangled name that becomes a dunder",
        """
        class _:
            def f(self): return self.__class__.__base__.__subclasses__()
        def main(): return {'reached': len(_().f())}
        """,
    ),
    _escape(
        "finaliser",
        "a finaliser that runs when the guards are gone",
        """
        class C:
            def __del__(self): C.found = C.f.__globals__
            def f(self): pass
        def main():
            C()
            return {'reached': str(C.found['__builtins__'])[:80]}
        """,
    ),
    _escape(
        "unicode-names",
        "letters that normalise to a dunder's",
        """
        def main(): return {'reached': str(main.__ｇlobals__['__builtins__'])[:80]}
        """,
    ),
    _escape(
        "delete-a-guard",
        "delete what guards, then look again",
        """
        def main():
            names = [name for name in globals() if name.startswith('_') and name != '__name__']
            for name in names: del globals()[name]
            return {'reached': names}
        """,
    ),
    _escape(
        "type-three-arguments",
        "type(name, bases, namespace)",
        """
        def main():
            made = type('C', (), {'__getattr__': lambda self, name: main})
            return {'reached': str(getattr(made(), 'x').__globals__)[:80]}
        """,
    ),
    _escape(
        "memoryview-of-ids",
        "object.__reduce_ex__",
        """
        def main(): return {'reached': str((1).__reduce_ex__(2)[0].__globals__['__builtins__'])[:80]}
        """,
    ),
    _escape(
        "property-getter",
        "property.fget.__globals__",
        """
        class C:
            @property
            def p(self): return 1
        def main(): return {'reached': str(C.__dict__['p'].fget.__globals__)[:80]}
        """,
    ),
    _escape(
        "super-proxy",
        "super().__getattribute__",
        """
        class C:
            def f(self): return super().__getattribute__('__class__').__mro__
        def main(): return {'reached': str(C().f()[-1].__subclasses__())[:80]}
        """,
    ),
    _escape(
        "await-throw",
        "coroutine.throw, whose traceback has frames",
        """
        async def c():
            try: await d()
            except ValueError as e: return e.__traceback__.tb_frame
        async def d(): raise ValueError
        def main():
            try: c().send(None)
            except StopIteration as stop: return {'reached': str(stop.value.f_builtins['open'])}
        """,
    ),
    _escape(
        "exception-group",
        "except* and its tracebacks",
        """
        def main():
            try: raise ExceptionGroup('g', [ValueError(1)])
            except* ValueError as group: found = group.__traceback__.tb_frame
            return {'reached': str(found.f_builtins['open'])}
        """,
    ),
    _escape(
        "str-subclass-name",
        "a str that changes its mind",
        """
        class S(str):
            lies = 0
            def __hash__(self):
                self.lies -= 1
                return hash("real") if self.lies >= 0 else hash(str(self))
            def __eq__(self, other): return other == ("real" if self.lies >= 0 else str(self))
            def startswith(self, *a): return False
            def endswith(self, *a): return False
            def __getitem__(self, i): return "a"
            def __contains__(self, x): return False
        def main():
            for lies in range(4):
                name = S("__subcl" + "asses__")
                name.lies = lies
                try:
                    return {"reached": len(getattr(int, name)())}
                except (AttributeError, TypeError):
                    pass
            raise LookupError
        """,
    ),
    _escape(
        "import-str-subclass",
        "a module name that changes its mind",
        """
        class S(str):
            lies = 0
            def __hash__(self):
                self.lies -= 1
                return hash("json") if self.lies >= 0 else hash(str(self))
            def __eq__(self, other): return other == ("json" if self.lies >= 0 else str(self))
            def partition(self, *a): return ("json", "", "")
            def split(self, *a): return ["json"]
        def main():
            b = __builtins__
            i = b["__import__"] if type(b) is dict else b.__import__
            for lies in range(6):
                name = S("posix")
                name.lies = lies
                found = i(name)
                if hasattr(found, "getcwd"):
                    return {"reached": found.getcwd()}
            raise LookupError
        """,
    ),
    _escape(
        "class-assignment",
        "a function by its class, of another's code",
        """
        def main():
            f = lambda: 1
            g = f.__class__(f.__code__, {})
            return {'reached': str(g)}
        """,
    ),
    _escape(
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
            return {"reached": str(read(read(print, d + "self" + d), "open"))}
        """,
    ),
    _escape(
        "match-args-by-type",
        "__match_args__ in a namespace given to type",
        """
        def main():
            d = "_" * 2
            M = type("M", (type,), {d + "instancecheck" + d: lambda cls, x: True})
            C = M("C", (), {d + "match_args" + d: (d + "globals" + d,)})
            match main:
                case C(found): return {"reached": str(found)[:80]}
        """,
    ),
    _escape(
        "match-format",
        "a match pattern that reads str.format",
        """
        def main():
            d = "_" * 2
            match "{0." + d + "globals" + d + "}":
                case str(format=way): return {"reached": way(main)[:80]}
        """,
    ),
    _escape(
        "getattr-format",
        "getattr that reads str.format",
        """
        def main():
            d = "_" * 2
            return {"reached": getattr("{0." + d + "globals" + d + "}", "format")(main)[:80]}
        """,
    ),
    _escape(
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
    _escape(
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
)
