import subprocess
import sys
from typing import Final

#: Makes and drops a large answer ten times; prints how many pages the kernel had to provide after the first.
_PROGRAM: Final = """
import resource
from config.allocator import keep_freed_memory
keep_freed_memory()
def faults():
    for _ in range(10):
        parts = [bytes([65]) * 3_000_000 for _ in range(4)]
        del parts
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
first = faults()
print(faults() - first)
"""


def test_process_uses_freed_memory_again_when_it_makes_large_answers() -> None:
    printed = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, check=True, text=True)
    # Without keep_freed_memory() they are 30,000.
    assert int(printed.stdout) < 1000
