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
        "delete-a-guard",
        "delete the private names of the globals",
        """
        def main():
            names = [name for name in globals() if name.startswith('_') and name != '__name__']
            for name in names: del globals()[name]
            return {'reached': names}
        """,
    ),
)
