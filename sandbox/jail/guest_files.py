"""The files of the guest in the root: its source, its byte code with hidden frames, and the programs."""

import importlib.util
import marshal
import types
from pathlib import Path
from typing import Final

from sandbox import guest
from sandbox.guest.frames import byte_code, compile_hidden
from sandbox.jail.program import FRESH_GUEST, GUEST, PROGRAMS

#: The modules of a fresh jail, in the order of their imports.
_FRESH_MODULES: Final = (
    "jsontext texts json_fault report builtin_wrapper streams descriptor_paths prepare channel discard "
    "uncaught finalization runner init main_block jailed site_builtins start"
).split()

#: Modules of the guest that run before every script only. Their frames stay visible, so that the traceback of
#: a fault in a jail's set-up says where it is. All others may have a script's frames above or below theirs.
_SET_UP: Final = frozenset("job_namespaces kernel preload prepare seccomp".split())

#: Modules of the guest whose functions scripts call.
_CALLED: Final = frozenset("builtin_wrapper descriptor_paths streams".split())


def write_guest_files(root: Path) -> None:
    """Write the files into the folder `root`. Raises OSError and SyntaxError."""
    package = root / GUEST.lstrip("/") / "sandbox"
    (package / "guest").mkdir(parents=True)
    (package / "__init__.py").touch()
    for source in Path(guest.__path__[0]).glob("*.py"):
        _write(package / "guest" / source.name, source.read_bytes())
    code = {}
    for module in package.glob("guest/*.py"):
        path = GUEST + str(module).removeprefix(str(package.parent))
        if module.stem in _SET_UP:
            code[module.stem] = _compile(module.read_text(), path)
        else:
            called = module.stem in _CALLED
            code[module.stem] = compile_hidden(module.read_text(), path, called=called)
        # A jail cannot write byte code and would compile the guest at each start.
        _write(Path(importlib.util.cache_from_source(str(module))), byte_code(code[module.stem]))
    nothing = _compile("", "")
    bundle = [("sandbox", nothing), ("sandbox.guest", nothing)]
    bundle += [(f"sandbox.guest.{name}", code[name]) for name in _FRESH_MODULES]
    _write(root / FRESH_GUEST.lstrip("/"), marshal.dumps(bundle))
    for program, text in PROGRAMS.items():
        _write(root / program.lstrip("/"), byte_code(compile_hidden(text, program, called=False)))


def _compile(source: str, path: str) -> types.CodeType:
    return compile(source, path, "exec", dont_inherit=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o444)
