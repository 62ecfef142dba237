"""Escapes through changes of the library: of its modules, classes and functions."""

# A script may have long lines.
# ruff: noqa: E501

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "module-class",
        "a module whose class is the script's",
        """
        import collections
        class Mine(type(collections)):
            def __getattr__(self, name): return name
        def main():
            collections.__class__ = Mine
            return {'reached': collections.anything}
        """,
    ),
    _probe(
        "code-of-a-library-function",
        "a library function with the code of the script",
        """
        import copy, textwrap
        def mine(*args): return re
        class Reduced:
            def __reduce_ex__(self, protocol):
                return (lambda: textwrap.dedent), (), (None, {'_' * 2 + 'code' + '_' * 2: code})
        def main():
            global code
            code = getattr(mine, '_' * 2 + 'code' + '_' * 2)
            copy.copy(Reduced())
            return {'reached': str(textwrap.dedent())}
        """,
    ),
    _probe(
        "code-by-object-setattr",
        "object.__setattr__ of the code of a library function",
        """
        import operator, textwrap
        def mine(*args): return re
        def main():
            name = '_' * 2 + 'code' + '_' * 2
            object.__setattr__(textwrap.dedent, name, operator.attrgetter(name)(mine))
            return {'reached': str(textwrap.dedent())}
        """,
    ),
    _probe(
        "no-defaults-by-object-setattr",
        "object.__setattr__ of the defaults of a library function to None",
        """
        import json
        def main():
            object.__setattr__(json.dumps, '_' * 2 + 'kwdefaults' + '_' * 2, None)
            try: json.dumps(1)
            except TypeError as error: return {'reached': str(error)}
        """,
    ),
    _probe(
        "own-byte-code",
        "a code object with instructions of the script",
        """
        import operator
        def mine(): return 1
        def main():
            code = operator.attrgetter('_' * 2 + 'code' + '_' * 2)(mine)
            return {'reached': eval(code.replace(co_consts=(None, 2)))}
        """,
    ),
    _probe(
        "library-class",
        "a changed attribute of a library class",
        """
        import json
        def main():
            json.JSONDecoder.decode = lambda *a, **k: 'changed'
            return {'reached': json.loads('{}')}
        """,
    ),
    _probe(
        "library-class-dict",
        "the dict behind the mapping proxy of a library class",
        """
        import json
        class Taker:
            def __eq__(self, other):
                other['decode'] = lambda *a, **k: 'changed'
                return True
        def main():
            type.__dict__['_' * 2 + 'dict' + '_' * 2].__get__(json.JSONDecoder) == Taker()
            found = json.JSONDecoder().decode('{}')
            if found != 'changed': raise LookupError
            return {'reached': found}
        """,
    ),
    _probe(
        "enum-of-a-module",
        "enum.global_enum, which adds members to any module",
        """
        import enum
        class E(enum.Enum):
            marker = 1
        def main():
            E.__module__ = 'builtins'
            enum.global_enum(E)
            return {'reached': marker.value}
        """,
    ),
    _probe(
        "enum-convert",
        "EnumType._convert_, which shows what is in any module",
        """
        import enum, operator
        def main():
            found = operator.attrgetter('_conv' + 'ert_')(enum.IntEnum)('E', 'os', lambda name: name == 'O_RDONLY')
            return {'reached': str(list(found))}
        """,
    ),
    _probe(
        "forward-reference-to-a-module",
        "typing.ForwardRef that is evaluated in the module os",
        """
        import typing
        class C: pass
        def main():
            C.__annotations__ = {'x': typing.ForwardRef('_wrap_close', module='os')}
            return {'reached': str(typing.get_type_hints(C))}
        """,
    ),
    _probe(
        "forward-reference-to-a-builtin",
        "a type hint that names a builtin that scripts do not have",
        """
        import typing
        class C: pass
        def main():
            C.__annotations__ = {'x': typing.ForwardRef('open')}
            return {'reached': str(typing.get_type_hints(C)['x']('/usr/bin/python3'))}
        """,
    ),
    _probe(
        "annotate-function",
        "a function __annotate__ that the library runs with names of its own",
        """
        import typing
        def annotate(format, /):
            if format != 2: raise NotImplementedError
            import os
            return {'x': os.getcwd}
        def main():
            d = '_' * 2
            C = type('C', (), {d + 'annotate' + d: annotate})
            ways = [lambda: annotate(2)]
            ways += [lambda format=format: typing.get_type_hints(C, format=format) for format in (3, 4)]
            for way in ways:
                try: return {'reached': str(way())}
                except (ImportError, TypeError): pass
            raise LookupError
        """,
    ),
    _probe(
        "library-code-that-is-annotate",
        "an __annotate__ with code of the library, which imports by an __import__ of the script",
        """
        import operator, typing, xml.sax.xmlreader
        def main():
            d = '_' * 2
            builtins = globals()[d + 'builtins' + d]
            if type(builtins) is not dict: builtins = vars(builtins)
            imports = builtins[d + 'import' + d]
            class Package: pass
            package = Package()
            package.__name__ = 'xml.sax'
            builtins[d + 'import' + d] = lambda name, *rest: imports(name, *rest) if name else package
            def call(self, format): raise NotImplementedError
            code = operator.attrgetter(d + 'code' + d)(xml.sax.xmlreader.IncrementalParser.parse)
            shown = {'builtins': {}, 'globals': {}, 'closure': None, 'code': code, 'defaults': (None,),
                     'kwdefaults': None}
            Annotate = type('Annotate', (), {d + name + d: value for name, value in shown.items()})
            Annotate.__call__ = call
            class C:
                def __call__(self): pass
            target = C()
            object.__setattr__(target, d + 'annotate' + d, Annotate())
            try:
                typing.get_type_hints(target, format=3)
            except TypeError:
                # Before Python 3.14 no annotation has a format: import without a detour.
                return {'reached': str(imports('subprocess'))}
            except AttributeError as error:
                trace = error.__traceback__
                while operator.attrgetter('tb_next')(trace): trace = operator.attrgetter('tb_next')(trace)
                names = operator.attrgetter('tb_frame.f_locals')(trace)
                return {'reached': str(names)}
            raise LookupError
        """,
    ),
    _probe(
        "type-hints-of-a-module",
        "typing.get_type_hints of a class whose __module__ is os",
        """
        import typing
        class C: x: '_wrap_close'
        def main():
            C.__module__ = 'os'
            return {'reached': str(typing.get_type_hints(C))}
        """,
    ),
    _probe(
        "hidden-class",
        "a class of the interpreter that imports modules",
        """
        import operator
        def main():
            d = '_' * 2
            for cls in operator.methodcaller(d + 'subclasses' + d)(object):
                if cls.__name__ == 'BuiltinImporter': return {'reached': str(cls.load_module('posix'))}
            raise LookupError
        """,
    ),
    _probe(
        "library-frame",
        "the locals of a library function in a traceback",
        """
        import json, operator
        def main():
            try: json.loads('{')
            except ValueError as error: trace = error.__traceback__
            frames = operator.attrgetter('tb_next.tb_frame')(trace)
            return {'reached': str(operator.attrgetter('f_globals')(frames)['JSONDecoder'])}
        """,
    ),
)
