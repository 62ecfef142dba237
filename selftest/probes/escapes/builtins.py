"""Escapes through builtins, and through the attributes of functions and of the guards."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

#: Defines `path_of`: runs code that imports the name `path` from a module, and gives it a false module os.
#: The interpreter then takes the name from the real modules.
_FALSE_MODULE: Final = """
        class Module: pass
        def path_of(code):
            d, module = '_' * 2, Module()
            vars(module)[d + 'name' + d] = 'os'
            space = {d + 'builtins' + d: {d + 'import' + d: lambda *_: module}}
            exec(code, space)
            return space['path']
        """

PROBES: Final = (
    _probe(
        "dunder-import",
        "__import__",
        """
        def main(): return {'reached': __import__('os').getcwd()}
        """,
    ),
    _probe(
        "builtins-by-name",
        "__builtins__['__import__']",
        """
        def main():
            b = __builtins__
            i = b['__import__'] if type(b) is dict else b.__import__
            return {'reached': i('os').getcwd()}
        """,
    ),
    _probe(
        "globals-builtins",
        "globals()['__builtins__']",
        """
        def main():
            b = globals()['__built' + 'ins__']
            i = b['__import__'] if type(b) is dict else b.__import__
            return {'reached': str(i('os'))}
        """,
    ),
    _probe(
        "eval-import",
        "eval of an import",
        """
        def main(): return {'reached': str(eval("__imp" + "ort__('os')"))}
        """,
    ),
    _probe(
        "exec-import",
        "exec of an import",
        """
        def main():
            space = {}
            exec('import o' + 's', space)
            return {'reached': str(space['os'])}
        """,
    ),
    _probe(
        "compile-code",
        "compile and run",
        """
        def main():
            space = {}
            exec(compile('import os', 'x', 'exec'), space)
            return {'reached': str(space['os'])}
        """,
    ),
    _probe(
        "open-file",
        "open",
        """
        def main():
            with open('/usr/bin/python3', 'rb') as file: return {'reached': len(file.read(4))}
        """,
    ),
    _probe(
        "method-self",
        "print.__self__",
        """
        def main(): return {'reached': str(print.__self__.open)}
        """,
    ),
    _probe(
        "build-class",
        "__build_class__",
        """
        def main():
            b = __build_class__
            return {'reached': str(b.__self__)}
        """,
    ),
    _probe(
        "import-by-list",
        "__import__ of the script's builtins with a list, as the interpreter's C code calls it",
        """
        def main():
            d = '_' * 2
            b = globals()[d + 'builtins' + d]
            i = b[d + 'import' + d] if type(b) is dict else getattr(b, d + 'import' + d)
            return {'reached': i('os', None, None, ['path']).getcwd()}
        """,
    ),
    _probe(
        "globals-of-a-caller",
        "globals(), called by a library function",
        """
        import contextlib
        def main():
            return {'reached': str(contextlib.contextmanager(globals)().gen['sys'].modules['os'])}
        """,
    ),
    _probe(
        "exec-false-globals",
        "exec with a dict whose key stops being __builtins__",
        """
        class Key(str):
            def __hash__(self): return hash(str('_' * 2 + 'builtins' + '_' * 2))
            def __eq__(self, other):
                Key.left -= 1
                return Key.left >= 0
        def main():
            d = '_' * 2
            for Key.left in range(8):
                space = {Key('x'): {}}
                left = Key.left
                try:
                    Key.left = left
                    exec('x = 1', space)
                except Exception:
                    continue
                Key.left = -1
                found = space.get(d + 'builtins' + d)
                if found and d + 'loader' + d in found:
                    return {'reached': str(found['open'])}
            raise LookupError
        """,
    ),
    _probe(
        "compile-flags",
        "compile with flags that are not the number they pass for",
        _FALSE_MODULE
        + """
        class Flags(int):
            def __and__(self, other): return True
            def __or__(self, other): return 0
        def main():
            return {'reached': str(path_of(compile('from os import path', 'x', 'exec', Flags())).os)}
        """,
    ),
    _probe(
        "compile-false-text",
        "compile of a syntax tree that passes for a text, and changes after its checks",
        _FALSE_MODULE
        + """
        import ast
        class Text(ast.Module):
            __class__ = property(lambda self: str)
        class If(ast.If):
            reads = 0
            def __getattribute__(self, name):
                If.reads += name == 'body'
                hidden = name == 'body' and If.reads <= If.checks
                return [ast.parse('pass').body[0]] if hidden else super().__getattribute__(name)
            def __setattr__(self, name, value):
                if name != 'body' or not If.reads: super().__setattr__(name, value)
        def main():
            for If.checks in range(9):
                If.reads = 0
                old = ast.parse('if 1: from os import path').body[0]
                new = ast.copy_location(If(old.test, old.body, []), old)
                try:
                    return {'reached': str(path_of(compile(Text([new], []), 'x', 'exec')).os)}
                except (KeyError, NameError, SyntaxError):
                    continue
            raise LookupError
        """,
    ),
)
