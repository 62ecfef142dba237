"""What most programs with a package do, for each fork to do before its job comes.

The samples draw random numbers. The zygote has seeded the generators for this fork alone, so that is safe.
"""

import sys
from textwrap import indent
from typing import Final

#: Programs by the module that must be preloaded.
SAMPLES: Final = {
    "numpy": """
import numpy as np
a = np.random.rand(200, 200)
a.dot(a).sum(), a.mean(), str(a[0, 0])
del a
""",
}


def sample() -> str:
    """Return the samples of the modules that have been imported as one program, '' if there are none."""
    # Another version of the package may lack what the program uses. The traceback would be output of the job.
    return "".join(
        f"try:\n{indent(program, '    ')}except Exception:\n    pass\n"
        for module, program in SAMPLES.items()
        if module in sys.modules
    )
