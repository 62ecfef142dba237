# sandboxes: slot fresh
from multiprocessing import JoinableQueue, Process, Queue, SimpleQueue


def work(tasks, results):
    while (task := tasks.get()) is not None:
        results.put(task * 2)
        tasks.task_done()
    tasks.task_done()


def main():
    tasks, results, simple = JoinableQueue(), Queue(), SimpleQueue()
    child = Process(target=work, args=(tasks, results))
    child.start()
    for n in (1, 2, 3, None):
        tasks.put(n)
    tasks.join()
    simple.put("s")
    found = [results.get(timeout=5) for _ in range(3)]
    child.join()
    return {"found": found, "simple": simple.get()}
