"""The Python and the architecture that environments are built for: those of the process itself."""

import os
import platform
import sys
from typing import Final

#: `cp311-x86_64`, for example. Packages with compiled modules work with no other.
PLATFORM: Final = f"cp{sys.version_info.major}{sys.version_info.minor}-{os.uname().machine}"

#: The version of the interpreter, for example `3.11.7`.
PYTHON: Final = platform.python_version()
