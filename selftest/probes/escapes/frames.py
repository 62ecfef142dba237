"""Escapes through the frames of generators, coroutines and tracebacks."""

from typing import Final

from selftest.probes.escapes.escape import escape_probe as _probe

PROBES: Final = (
    _probe(
        "generator-frame",
        "gi_frame.f_back",
        """
        import re
        def main():
            def g(): yield frame.gi_frame.f_back.f_back
            frame, back = g(), []
            re.sub('a', lambda _: back.append(next(frame)) or '', 'a')
            return {'reached': str(back[0].f_globals)[:80]}
        """,
    ),
    _probe(
        "generator-globals",
        "gi_frame.f_builtins",
        """
        def main():
            g = (x for x in ())
            return {'reached': str(g.gi_frame.f_builtins['__import__']('os'))}
        """,
    ),
    _probe(
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
    _probe(
        "async-generator-frame",
        "ag_frame.f_globals",
        """
        async def g(): yield 1
        def main(): return {'reached': str(g().ag_frame.f_builtins['open'])}
        """,
    ),
    _probe(
        "traceback-frame",
        "__traceback__.tb_frame.f_back",
        """
        import re
        def look(_):
            try: 1 / 0
            except ZeroDivisionError as e: return str(e.__traceback__.tb_frame.f_back.f_globals)[:80]
        def main(): return {'reached': re.sub('a', look, 'a')}
        """,
    ),
    _probe(
        "with-traceback",
        "the traceback that __exit__ receives",
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
    _probe(
        "exception-object",
        "AttributeError.obj",
        """
        def main():
            try: (lambda: None).nothing
            except AttributeError as e: return {'reached': str(e.obj.__globals__['__builtins__'])[:80]}
        """,
    ),
    _probe(
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
    _probe(
        "exception-group",
        "except* and its tracebacks",
        """
        def main():
            try: raise ExceptionGroup('g', [ValueError(1)])
            except* ValueError as group: found = group.__traceback__.tb_frame
            return {'reached': str(found.f_builtins['open'])}
        """,
    ),
    _probe(
        "sys-getframe",
        "sys._getframe",
        """
        import re, sys
        def main(): return {'reached': re.sub('a', lambda _: str(sys._getframe(1).f_globals)[:80], 'a')}
        """,
    ),
    _probe(
        "sys-settrace",
        "sys.setprofile, whose function receives frames",
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
    _probe(
        "inspect-frames",
        "inspect.currentframe",
        """
        import inspect
        def main(): return {'reached': str(inspect.currentframe().f_back)}
        """,
    ),
)
