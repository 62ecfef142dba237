# mode: "program"
# sandboxes: slot fresh
import platform
import sys
import time

print(time.tzname, time.timezone, platform.python_version(), platform.python_implementation())
print(sys.version_info[:2] == tuple(map(int, platform.python_version_tuple()[:2])), platform.system())
print(time.strftime("%Y-%m-%d", time.localtime(0)), time.perf_counter() > 0)
