"""Processes of a job that share locks, queues, memory and Unix sockets."""

import pytest

from jobs.job import Job
from jobs.limits import Limits
from sandbox.jail.sandbox import NsjailSandbox

_LIMITS = Limits(timeout=20, cpu=20)

#: Functions for the processes, and `CONTEXT`.
_PRELUDE = """
import multiprocessing, multiprocessing.dummy, os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import managers, shared_memory
from multiprocessing.pool import ThreadPool

CONTEXT = multiprocessing.get_context("fork")

def run(target, *arguments, count=1):
    processes = [CONTEXT.Process(target=target, args=arguments) for _ in range(count)]
    for process in processes: process.start()
    for process in processes: process.join()
    return [process.exitcode for process in processes]

def square(x): return x * x
def count_up(lock, value):
    for _ in range(200):
        with lock: value.value += 1
def meet(barrier, event, queue):
    barrier.wait()
    event.wait()
    queue.put("met")
def notify(condition):
    with condition: condition.notify()
def put(queue):
    for number in range(3): queue.put(number)
def consume(queue):
    while queue.get() is not None: queue.task_done()
    queue.task_done()
def fill(mapping, numbers):
    mapping["k"] = "v"
    numbers.append(1)
def write(name):
    memory = shared_memory.SharedMemory(name=name)
    memory.buf[0] = 42
    memory.close()
"""

#: Each part of the library: statements that set `r`, and the value that CPython gives.
_PARTS = {
    "locks": (
        """
    r = []
    for kind in ("Lock", "RLock", "Semaphore", "BoundedSemaphore"):
        value = CONTEXT.Value("i", 0, lock=False)
        run(count_up, getattr(CONTEXT, kind)(), value, count=3)
        r.append(value.value)
    """,
        [600] * 4,
    ),
    "events": (
        """
    barrier, event, queue = CONTEXT.Barrier(3), CONTEXT.Event(), CONTEXT.Queue()
    processes = [CONTEXT.Process(target=meet, args=(barrier, event, queue)) for _ in range(2)]
    for process in processes: process.start()
    barrier.wait()
    event.set()
    r = [queue.get(), queue.get()]
    for process in processes: process.join()
    """,
        ["met", "met"],
    ),
    "condition": (
        """
    condition = CONTEXT.Condition()
    with condition:
        process = CONTEXT.Process(target=notify, args=(condition,))
        process.start()
        r = condition.wait(10)
    process.join()
    """,
        True,
    ),
    "queues": (
        """
    r = []
    for queue in (CONTEXT.Queue(), CONTEXT.SimpleQueue()):
        run(put, queue)
        r.append([queue.get() for _ in range(3)])
    queue = CONTEXT.JoinableQueue()
    process = CONTEXT.Process(target=consume, args=(queue,))
    process.start()
    for item in (1, None): queue.put(item)
    queue.join()
    process.join()
    """,
        [[0, 1, 2], [0, 1, 2]],
    ),
    "values": (
        """
    value, array, raw = CONTEXT.Value("d", 1.5), CONTEXT.Array("i", 3), CONTEXT.RawArray("c", b"abc")
    run(count_up, value.get_lock(), value)
    r = [value.value, array[:], raw.value.decode()]
    """,
        [201.5, [0, 0, 0], "abc"],
    ),
    "pool": (
        """
    with CONTEXT.Pool(2) as pool:
        r = [pool.map(square, range(4)), list(pool.imap(square, range(3))),
             pool.apply_async(square, (3,)).get(10), pool.starmap(pow, [(2, 3)])]
    """,
        [[0, 1, 4, 9], [0, 1, 4], 9, [8]],
    ),
    "thread pools": (
        """
    with ThreadPool(2) as pool, multiprocessing.dummy.Pool(2) as other:
        r = [pool.map(square, [1, 2, 3]), other.map(square, [1, 2, 3])]
    """,
        [[1, 4, 9], [1, 4, 9]],
    ),
    "executor": (
        """
    with ProcessPoolExecutor(2, mp_context=CONTEXT) as executor:
        r = list(executor.map(square, range(4)))
    """,
        [0, 1, 4, 9],
    ),
    "manager": (
        """
    with CONTEXT.Manager() as manager:
        mapping, numbers, queue, lock = manager.dict(), manager.list(), manager.Queue(), manager.Lock()
        exits = run(fill, mapping, numbers, count=2)
        with lock: queue.put("item")
        r = [exits, dict(mapping), list(numbers), queue.get()]
    """,
        [[0, 0], {"k": "v"}, [1, 1], "item"],
    ),
    "shared memory": (
        """
    memory = shared_memory.SharedMemory(create=True, size=100)
    run(write, memory.name)
    numbers = shared_memory.ShareableList([1, "a", None])
    r = [memory.buf[0], list(numbers)]
    for owned in (memory, numbers.shm):
        owned.close()
        owned.unlink()
    with managers.SharedMemoryManager() as manager:
        r.append(manager.SharedMemory(10).size >= 10)
    r.append(os.listdir("/dev/shm") == os.listdir("/tmp"))
    """,
        [42, [1, "a", None], True, True],
    ),
}


@pytest.mark.parametrize("part", _PARTS)
def test_processes_of_a_job_share(sandbox: NsjailSandbox, part: str) -> None:
    statements, expected = _PARTS[part]
    script = f"{_PRELUDE}\ndef main():{statements}\n    return {{'r': r}}"
    outcome = sandbox.run(Job(script, limits=_LIMITS))
    assert (outcome.error, outcome.result, outcome.stderr) == (None, {"r": expected}, "")


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_start_by_every_method(sandbox: NsjailSandbox, method: str) -> None:
    script = f"""
import __main__, math, multiprocessing
def main():
    # The functions are those of the library, so the processes need not read the script.
    __main__.__file__ = None
    context = multiprocessing.get_context({method!r})
    with context.Pool(2) as pool, context.Manager() as manager:
        numbers = manager.list(pool.map(math.factorial, range(5)))
        return {{"r": list(numbers)}}
"""
    outcome = sandbox.run(Job(script, limits=_LIMITS))
    assert (outcome.error, outcome.result, outcome.stderr) == (None, {"r": [1, 1, 2, 6, 24]}, "")
