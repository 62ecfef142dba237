"""Escapes through the import of modules that must not be there."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "import-os",
        "import os",
        """
        import os
        def main(): return {'reached': os.getcwd()}
        """,
    ),
    _probe(
        "import-inside",
        "import in a function",
        """
        def main():
            import subprocess
            return {'reached': str(subprocess)}
        """,
    ),
    _probe(
        "from-import-alias",
        "from posix import … as …",
        """
        from posix import listdir as ls
        def main(): return {'reached': ls('/')}
        """,
    ),
    _probe(
        "import-machinery",
        "importlib",
        """
        import importlib
        def main(): return {'reached': str(importlib.import_module('os'))}
        """,
    ),
    _probe(
        "star-import",
        "from … import *",
        """
        from os import *
        def main(): return {'reached': getcwd()}
        """,
    ),
    _probe(
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
    _probe(
        "ctypes",
        "import ctypes",
        """
        import ctypes
        def main(): return {'reached': str(ctypes.CDLL(None))}
        """,
    ),
    _probe(
        "gc",
        "gc.get_objects",
        """
        import gc
        def main(): return {'reached': len(gc.get_objects()) > 0}
        """,
    ),
    _probe(
        "pickle",
        "pickle that imports",
        """
        import pickle
        def main(): return {'reached': str(pickle.loads(b'cposix\\ngetcwd\\n.'))}
        """,
    ),
    _probe(
        "threading",
        "threading._os",
        """
        import threading
        def main(): return {'reached': str(threading._os)}
        """,
    ),
    _probe(
        "raw-file",
        "the class of the raw stdout, which opens files",
        """
        import sys
        def main(): return {'reached': str(type(sys.stdout.buffer.raw).readall)}
        """,
    ),
    _probe(
        "submodule-in-from",
        "a submodule that the copy of its package does not have",
        """
        from json import decoder
        def main(): return {'reached': str(decoder.scanner)}
        """,
    ),
    _probe(
        "submodule-of-a-renamed-module",
        "from ... import, after the module has got another name",
        """
        import json
        json.__name__ = 'os'
        from json import path
        def main(): return {'reached': str(path.os)}
        """,
    ),
    _probe(
        "main-module",
        "a name of another module, from the script's own module after it has got another name",
        """
        import __main__
        __main__.__name__ = 'os'
        def main():
            from __main__ import path
            return {'reached': str(path.os)}
        """,
    ),
    _probe(
        "own-import-function",
        "from ... import, with an __import__ of the script's own",
        """
        class Fake: pass
        def main():
            d = '_' * 2
            setattr(Fake, d + 'name' + d, 'os')
            space = {d + 'builtins' + d: {d + 'import' + d: lambda *a: Fake}}
            exec('from json import path', space)
            return {'reached': str(space['path'].os)}
        """,
    ),
    _probe(
        "own-import-function-as",
        "import ... as, with an __import__ of the script's own",
        """
        class Fake: pass
        def main():
            d = '_' * 2
            setattr(Fake, d + 'name' + d, 'collections')
            space = {d + 'builtins' + d: {d + 'import' + d: lambda *a: Fake}}
            exec('import collections.abc as found', space)
            return {'reached': str(space['found']._CallableGenericAlias)}
        """,
    ),
)
