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
    "versions jsontext texts json_fault report script script.builtin_wrapper script.streams "
    "script.descriptor_paths prepare channel discard folder script.uncaught script.finalization runner init "
    "script.main_block warmup jailed script.site_builtins start"
).split()

#: Modules of the guest that run before every script only. Their frames stay visible, so that the traceback of
#: a fault in a jail's set-up says where it is. All others may have a script's frames above or below theirs.
_SET_UP: Final = frozenset(
    (
        *("architecture", "folder", "fork_hooks", "generators", "job_namespaces", "kernel"),
        *("package_samples", "package_warmup", "packages", "preload", "prepare", "seccomp", "slot_network"),
    )
)

#: Modules of the guest whose functions scripts call.
_CALLED: Final = frozenset("script.builtin_wrapper script.descriptor_paths script.streams".split())


def write_guest_files(root: Path) -> None:
    """Write the files into the folder `root`. Raises OSError and SyntaxError."""
    sandbox = root / GUEST.lstrip("/") / "sandbox"
    _write(sandbox / "__init__.py", b"")
    folder = Path(guest.__path__[0])
    code = {}
    for source in (*folder.glob("*.py"), *folder.glob("script/*.py")):
        inside = source.relative_to(folder)
        name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
        copy = sandbox / "guest" / inside
        _write(copy, source.read_bytes())
        path = f"{GUEST}/sandbox/guest/{inside}"
        if name in _SET_UP:
            code[name] = _compile(source.read_text(), path)
        else:
            code[name] = compile_hidden(source.read_text(), path, called=name in _CALLED)
        # A jail cannot write byte code and would compile the guest at each start.
        _write(Path(importlib.util.cache_from_source(str(copy))), byte_code(code[name]))
    nothing = _compile("", "")
    bundle = [("sandbox", nothing), ("sandbox.guest", nothing)]
    bundle += [(f"sandbox.guest.{name}", code[name]) for name in _FRESH_MODULES]
    _write(root / FRESH_GUEST.lstrip("/"), marshal.dumps(bundle))
    for program, text in PROGRAMS.items():
        _write(root / program.lstrip("/"), byte_code(compile_hidden(text, program, called=False)))


def _compile(source: str, path: str) -> types.CodeType:
    return compile(source, path, "exec", dont_inherit=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o444)
