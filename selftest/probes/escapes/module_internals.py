"""Escapes through the names that a permitted module holds: its imports, loader and builtins."""

# A script may have long lines.
# ruff: noqa: E501

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "library-globals",
        "a library function's __globals__",
        """
        import textwrap
        def main(): return {'reached': str(textwrap.dedent.__globals__['__builtins__']['open'])}
        """,
    ),
    _probe(
        "module-spec",
        "json.__spec__.loader",
        """
        import json
        def main(): return {'reached': str(json.__spec__.loader.get_data('/usr/bin/python3')[:4])}
        """,
    ),
    _probe(
        "module-dict",
        "vars(json)",
        """
        import json
        def main(): return {'reached': str(vars(json)['__builtins__'])[:80]}
        """,
    ),
    _probe(
        "functools-globals",
        "globals of a function of functools",
        """
        import functools
        def main(): return {'reached': str(functools.GenericAlias.__class__), 'm': str(functools.recursive_repr.__globals__['__builtins__'])[:40]}
        """,
    ),
    _probe(
        "namedtuple-module",
        "collections._sys",
        """
        import collections
        def main(): return {'reached': str(collections._sys.modules['os'])}
        """,
    ),
    _probe(
        "dataclasses-sys",
        "dataclasses.sys.modules['os']",
        """
        import dataclasses
        def main(): return {'reached': str(dataclasses.sys.modules['os'])}
        """,
    ),
    _probe(
        "dataclasses-builtins",
        "dataclasses.inspect.builtins",
        """
        import dataclasses
        def main(): return {'reached': str(dataclasses.inspect.builtins.open)}
        """,
    ),
    _probe(
        "enum-sys",
        "enum.sys",
        """
        import enum
        def main(): return {'reached': str(enum.sys.modules['os'])}
        """,
    ),
    _probe(
        "typing-sys",
        "typing.sys",
        """
        import typing
        def main(): return {'reached': str(typing.sys.modules['os'])}
        """,
    ),
    _probe(
        "random-os",
        "random._os",
        """
        import random
        def main(): return {'reached': str(random._os)}
        """,
    ),
    _probe(
        "random-urandom",
        "random._urandom.__self__",
        """
        import random
        def main(): return {'reached': str(random._urandom.__self__)}
        """,
    ),
    _probe(
        "statistics-sys",
        "statistics.sys.modules['os']",
        """
        import statistics
        def main(): return {'reached': str(statistics.sys.modules['os'])}
        """,
    ),
    _probe(
        "uuid-os",
        "uuid.os",
        """
        import uuid
        def main(): return {'reached': str(uuid.os)}
        """,
    ),
    _probe(
        "re-internals",
        "re.enum.sys",
        """
        import re
        def main(): return {'reached': str(re.enum.sys.modules['os'])}
        """,
    ),
    _probe(
        "json-internals",
        "json.codecs, json.decoder.scanner",
        """
        import json
        def main(): return {'reached': str(json.codecs.open), 'm': str(json.decoder.scanner)}
        """,
    ),
    _probe(
        "csv-internals",
        "csv.re or csv.types, by the version",
        """
        import csv
        def main(): return {'reached': str(csv.re if hasattr(csv, 're') else csv.types)}
        """,
    ),
    _probe(
        "base64-main",
        "base64.main, which opens files",
        """
        import base64
        def main(): return {'reached': str(base64.main.__globals__['__builtins__'])[:80]}
        """,
    ),
    _probe(
        "string-internals",
        "string._re or string._string, by the version",
        """
        import string
        def main(): return {'reached': str(string._re if hasattr(string, '_re') else string._string)}
        """,
    ),
    _probe(
        "calendar-internals",
        "calendar.sys",
        """
        import calendar
        def main(): return {'reached': str(calendar.sys)}
        """,
    ),
    _probe(
        "module-builtins",
        "copy.__builtins__",
        """
        import copy
        def main(): return {'reached': str(copy.__builtins__['open'])}
        """,
    ),
    _probe(
        "sys-modules",
        "sys.modules",
        """
        import sys
        def main(): return {'reached': str(sys.modules['os'])}
        """,
    ),
    _probe(
        "sys-excepthook",
        "sys.unraisablehook",
        """
        import sys
        def main():
            sys.unraisablehook = print
            return {'reached': str(sys.__unraisablehook__)}
        """,
    ),
    _probe(
        "uuid-command",
        "uuid._get_command_stdout, which runs programs",
        """
        import uuid
        def main(): return {'reached': str(uuid._get_command_stdout)}
        """,
    ),
    _probe(
        "copy-tables",
        "copy._deepcopy_dispatch",
        """
        import copy
        def main(): return {'reached': str(copy._deepcopy_dispatch)}
        """,
    ),
    _probe(
        "module-in-an-object",
        "the module that warnings.catch_warnings holds",
        """
        import warnings
        def main(): return {'reached': str(warnings.catch_warnings()._module.sys.modules['os'])}
        """,
    ),
    _probe(
        "module-in-an-error",
        "AttributeError.obj of a module, read by name",
        """
        import operator, typing
        def main():
            try:
                typing.nothing_of_this_name
            except AttributeError as error:
                return {'reached': str(operator.attrgetter('obj.sys.modules')(error)['os'])}
        """,
    ),
)
