"""Escapes through the class hierarchy, metaclasses and subclasses of str."""

# A script may have long lines.
# ruff: noqa: E501

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "subclasses",
        "().__class__.__base__.__subclasses__()",
        """
        def main():
            for cls in ().__class__.__base__.__subclasses__():
                if cls.__name__ == '_wrap_close': return {'reached': str(cls.__init__.__globals__['listdir']('/'))}
            raise LookupError
        """,
    ),
    _probe(
        "subclasses-of-type",
        "type.__subclasses__(object)",
        """
        def main():
            for cls in type.__subclasses__(object):
                if cls.__name__ == 'BuiltinImporter': return {'reached': str(cls.load_module('posix'))}
            raise LookupError
        """,
    ),
    _probe(
        "mro",
        "type.mro(list)[-1]",
        """
        def main():
            names = [c.__name__ for c in type.__subclasses__(type.mro(list)[-1])]
            return {'reached': len(names)}
        """,
    ),
    _probe(
        "metaclass-prepare",
        "a metaclass whose class leads to object",
        """
        class M(type):
            def __new__(m, name, bases, space):
                made = super().__new__(m, name, bases, space)
                return made
        class C(metaclass=M): pass
        def main(): return {'reached': str(C.__mro__[-1].__subclasses__())[:80]}
        """,
    ),
    _probe(
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
    _probe(
        "set-name",
        "__set_name__, which receives the class",
        """
        class D:
            def __set_name__(self, owner, name): D.found = owner.__mro__[-1]
        class C:
            d = D()
        def main(): return {'reached': len(D.found.__subclasses__())}
        """,
    ),
    _probe(
        "type-three-arguments",
        "type(name, bases, namespace)",
        """
        def main():
            made = type('C', (), {'__getattr__': lambda self, name: main})
            return {'reached': str(getattr(made(), 'x').__globals__)[:80]}
        """,
    ),
    _probe(
        "super-proxy",
        "super().__getattribute__",
        """
        class C:
            def f(self): return super().__getattribute__('__class__').__mro__
        def main(): return {'reached': str(C().f()[-1].__subclasses__())[:80]}
        """,
    ),
    _probe(
        "name-mangling",
        "dunder names in a class named _",
        """
        class _:
            def f(self): return self.__class__.__base__.__subclasses__()
        def main(): return {'reached': len(_().f())}
        """,
    ),
    _probe(
        "walrus-comprehension",
        "a walrus in a comprehension that reads the class hierarchy",
        """
        def main():
            return {'reached': [len(y.__subclasses__()) for x in [()] if (y := x.__class__.__base__)]}
        """,
    ),
    _probe(
        "str-subclass-name",
        "a str subclass whose hash and equality change",
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
    _probe(
        "import-str-subclass",
        "a module name whose hash and equality change",
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
)
