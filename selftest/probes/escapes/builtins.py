"""Escapes through builtins, and through the attributes of functions and of the guards."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

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
)
