# sandboxes: slot fresh
import cProfile
import io
import pstats
import sys
import tracemalloc


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


def main():
    seen = []
    sys.settrace(lambda frame, event, arg: seen.append((event, frame.f_code.co_name)))
    work(1)
    sys.settrace(None)
    profile = cProfile.Profile()
    profile.runcall(work, 10)
    out = io.StringIO()
    pstats.Stats(profile, stream=out).print_stats("work")
    tracemalloc.start()
    kept = [bytearray(1000) for _ in range(10)]
    return {
        "seen": [event for event in seen if event[1] == "work"],
        "profiled": "script.py" in out.getvalue(),
        "traced": tracemalloc.get_traced_memory()[0] >= len(kept) * 1000,
    }
