"""The standard library in the restricted executor: the permitted modules, and why each other one is left out.

A module is permitted if it needs no file, socket, process or thread when it is used. The rule on the script's
text and the guest read these tables. A test compares them with `sys.stdlib_module_names`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_COMMAND: Final = "it is the command line of the module"
_FILES: Final = "it needs files"
_IMPORTS: Final = "it imports modules by their names"
_INTERNALS: Final = "it reads the interpreter's internals"
_MACHINE: Final = "it shows the machine and its users"
_MEMORY: Final = "it reads memory by address"
_PRINTS: Final = "it prints a text when it is imported"
_PRIVATE: Final = "it serves only other modules of the library"
_PROCESS: Final = "it changes the state of the process"
_PROCESSES: Final = "it starts processes"
_REMOVED: Final = "Python 3.12 or 3.13 removed it"
_SOCKETS: Final = "it needs sockets"
_TERMINAL: Final = "it needs a terminal or a display"
_TEXT: Final = "it runs a text as code"
_THREADS: Final = "it starts threads"
_WINDOWS: Final = "Linux does not have it"


@dataclass(frozen=True, slots=True)
class Module:
    """The names of a permitted module that a script sees: by default its public ones, without its imports.

    Attributes:
        withheld: The public names that a script does not see, each with the reason. For `Class.method` the
            method raises an error when it is called.
        granted: The only names that a script sees; None for all public ones.
        more: Further names that the documentation of Python lists and `__all__` does not.
    """

    withheld: Mapping[str, str]
    granted: frozenset[str] | None
    more: frozenset[str]

    def refusal(self, name: str) -> str | None:
        """Return why a script does not see `name`; None if it does or if the module does not have it."""
        if self.granted is not None and name not in self.granted and not name.startswith("__"):
            return self.withheld.get(name, "only some names of the module are permitted")
        return self.withheld.get(name)


def _module(withheld: Mapping[str, str] | None = None, only: str | None = None, more: str = "") -> Module:
    """Return a module. Names are separated by spaces; `withheld` maps reasons to names."""
    reasons = {name: reason for reason, names in (withheld or {}).items() for name in names.split()}
    return Module(reasons, None if only is None else frozenset(only.split()), frozenset(more.split()))


#: A package that holds only submodules.
_PACKAGE: Final = _module(only="")

#: The modules whose public names are all permitted.
_WHOLE: Final = (
    "__future__ abc array binascii bisect bz2 calendar cmath cmd collections collections.abc colorsys "
    "configparser contextvars copy csv dataclasses datetime decimal difflib email.charset "
    "email.contentmanager email.encoders email.errors email.feedparser email.generator email.header "
    "email.headerregistry email.iterators email.message email.mime.application email.mime.audio "
    "email.mime.base email.mime.image email.mime.message email.mime.multipart email.mime.nonmultipart "
    "email.mime.text email.parser email.utils enum errno fnmatch fractions functools getopt graphlib "
    "hashlib heapq hmac html html.entities html.parser http ipaddress itertools json json.decoder "
    "json.encoder keyword lzma math mimetypes numbers operator plistlib pprint queue random re "
    "reprlib sched secrets shlex stat statistics string stringprep struct symtable textwrap "
    "token tomllib typing unicodedata urllib.error urllib.parse wave weakref xml.dom xml.dom.minidom "
    "xml.etree.ElementTree xml.sax.handler xml.sax.saxutils xml.sax.xmlreader zlib"
).split()

_PARTLY: Final[dict[str, Module]] = {
    "argparse": _module({_FILES: "FileType"}),
    "ast": _module({_COMMAND: "main"}),
    "asyncio": _module(
        {
            _SOCKETS: "BaseEventLoop DatagramProtocol DatagramTransport DefaultEventLoopPolicy EventLoop "
            "SelectorEventLoop Server open_connection open_unix_connection start_server start_unix_server",
            _PROCESSES: "AbstractChildWatcher FastChildWatcher MultiLoopChildWatcher PidfdChildWatcher "
            "SafeChildWatcher SubprocessProtocol SubprocessTransport ThreadedChildWatcher "
            "create_subprocess_exec create_subprocess_shell get_child_watcher set_child_watcher subprocess",
            _THREADS: "run_coroutine_threadsafe to_thread wrap_future",
        },
        more="TaskGroup",
    ),
    "base64": _module({_COMMAND: "main"}),
    "codecs": _module({_FILES: "open"}),
    "contextlib": _module({_PROCESS: "chdir"}),
    "email": _module(),
    "email.mime": _PACKAGE,
    "email.policy": _module(more="SMTPUTF8"),
    "gc": _module(
        {_INTERNALS: "callbacks garbage get_objects get_referents get_referrers"},
        only="collect disable enable freeze get_count get_threshold isenabled set_threshold unfreeze",
    ),
    "gettext": _module({_PROCESS: "install"}),
    "gzip": _module({_COMMAND: "main"}),
    "http.cookies": _module(more="Morsel"),
    "inspect": _module(
        {_INTERNALS: "currentframe getclosurevars getframeinfo getmembers getmodule getsource stack trace"},
        only="cleandoc isabstract isasyncgen isasyncgenfunction isawaitable isbuiltin isclass iscoroutine "
        "iscoroutinefunction isfunction isgenerator isgeneratorfunction ismethod isroutine",
    ),
    "io": _module(
        {_FILES: "FileIO open open_code"},
        only="BytesIO SEEK_CUR SEEK_END SEEK_SET StringIO UnsupportedOperation",
    ),
    "locale": _module({_MACHINE: "getdefaultlocale"}),
    "logging": _module({_FILES: "FileHandler", _INTERNALS: "currentframe"}, more="root"),
    "logging.handlers": _module(
        {
            _FILES: "RotatingFileHandler TimedRotatingFileHandler WatchedFileHandler",
            _SOCKETS: "DatagramHandler HTTPHandler SMTPHandler SocketHandler SysLogHandler",
            _THREADS: "QueueListener",
        },
        only="BufferingHandler MemoryHandler QueueHandler",
    ),
    "optparse": _module({_FILES: "Values.read_file", _IMPORTS: "Values.read_module"}),
    "platform": _module(
        {_MACHINE: "machine node platform processor release system uname version"},
        only="python_branch python_build python_compiler python_implementation python_revision "
        "python_version python_version_tuple",
    ),
    "quopri": _module({_COMMAND: "main"}),
    "sqlite3": _module({_PROCESS: "enable_shared_cache"}),
    "sys": _module(
        {
            _INTERNALS: "modules settrace setprofile",
            _PROCESS: "addaudithook excepthook meta_path path path_hooks",
            _MACHINE: "executable orig_argv prefix",
        },
        only="api_version argv builtin_module_names byteorder copyright exc_info exception exit flags "
        "float_info float_repr_style get_int_max_str_digits getdefaultencoding getfilesystemencoding "
        "getrecursionlimit getrefcount getsizeof getswitchinterval hash_info hexversion "
        "implementation int_info intern maxsize maxunicode platform set_int_max_str_digits "
        "setrecursionlimit stderr stdin stdlib_module_names stdout thread_info version version_info",
    ),
    "tarfile": _module({_COMMAND: "main"}),
    "threading": _module(
        {
            _THREADS: "Thread Timer",
            _PROCESS: "excepthook getprofile gettrace setprofile setprofile_all_threads settrace "
            "settrace_all_threads stack_size",
        }
    ),
    "time": _module({_MEMORY: "pthread_getcpuclockid"}),
    "timeit": _module({_COMMAND: "main"}),
    "tokenize": _module({_FILES: "open", _COMMAND: "main"}, more="TokenError"),
    "traceback": _module({_INTERNALS: "extract_stack format_stack print_stack walk_stack walk_tb"}),
    "tracemalloc": _module(
        {_INTERNALS: "take_snapshot"},
        only="clear_traces get_traced_memory get_tracemalloc_memory is_tracing reset_peak start stop",
    ),
    "types": _module(
        {_INTERNALS: "CellType CodeType FrameType TracebackType coroutine get_original_bases resolve_bases"}
    ),
    "urllib": _PACKAGE,
    "uuid": _module({_MACHINE: "getnode uuid1", _COMMAND: "main"}),
    "warnings": _module(more="WarningMessage"),
    "xml": _PACKAGE,
    "xml.etree": _PACKAGE,
    "xml.parsers": _PACKAGE,
    "xml.parsers.expat": _module({_MEMORY: "expat_CAPI"}),
    "xml.sax": _module({_IMPORTS: "default_parser_list"}),
    "zipfile": _module({_FILES: "Path PyZipFile", _COMMAND: "main"}),
    "zoneinfo": _module({_FILES: "TZPATH reset_tzpath"}),
}

#: Every module that a restricted script may import, submodules too, in alphabetical order.
PERMITTED: Final[Mapping[str, Module]] = dict(
    sorted(({name: _module() for name in _WHOLE} | _PARTLY).items())
)

#: The modules that a restricted script may not import, by reason.
_LEFT_OUT_BY_REASON: Final[Mapping[str, str]] = {
    _FILES: (
        "compression dbm filecmp fileinput genericpath glob linecache mailbox netrc ntpath nturl2path os "
        "pathlib posix posixpath shelve shutil tabnanny tempfile urllib.robotparser "
        "xml.etree.ElementInclude zipapp"
    ),
    _IMPORTS: (
        "compileall copyreg doctest encodings ensurepip importlib logging.config modulefinder pickle "
        "pickletools pkgutil py_compile pyclbr pydoc pydoc_data runpy site sysconfig unittest venv "
        "xml.dom.pulldom zipimport"
    ),
    _INTERNALS: (
        "bdb builtins cProfile dis faulthandler marshal opcode pdb profile pstats sre_compile sre_constants "
        "sre_parse trace"
    ),
    _MACHINE: "grp pwd resource",
    _MEMORY: "ctypes mmap",
    _PRINTS: "this",
    _PRIVATE: "pyexpat",
    _PROCESS: "atexit fcntl signal",
    _PROCESSES: "antigravity multiprocessing pty subprocess webbrowser",
    _REMOVED: (
        "aifc asynchat asyncore audioop cgi cgitb chunk crypt distutils imghdr imp lib2to3 mailcap msilib "
        "nis nntplib ossaudiodev pipes smtpd sndhdr spwd sunau telnetlib uu xdrlib"
    ),
    _SOCKETS: (
        "ftplib http.client http.cookiejar http.server imaplib poplib select selectors smtplib socket "
        "socketserver ssl syslog urllib.request wsgiref xmlrpc"
    ),
    _TERMINAL: "curses getpass idlelib readline rlcompleter termios tkinter tty turtle turtledemo",
    _TEXT: "annotationlib code codeop",
    _THREADS: "concurrent",
    _WINDOWS: "msvcrt nt winreg winsound",
}

LEFT_OUT: Final[Mapping[str, str]] = {
    name: reason for reason, names in sorted(_LEFT_OUT_BY_REASON.items()) for name in names.split()
}


def reason_left_out(name: str) -> str | None:
    """Return why the module `name` of the standard library is left out; None if the tables do not say."""
    if name.startswith("_") and name != "__future__":
        return _PRIVATE
    parts = name.split(".")
    return next(
        (LEFT_OUT[parent] for n in range(len(parts), 0, -1) if (parent := ".".join(parts[:n])) in LEFT_OUT),
        None,
    )
