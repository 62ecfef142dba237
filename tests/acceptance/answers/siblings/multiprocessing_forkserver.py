# sandboxes: slot fresh
import multiprocessing


def work(queue):
    queue.put(multiprocessing.current_process().name)


def main():
    context = multiprocessing.get_context("forkserver")
    queue = context.Queue()
    child = context.Process(target=work, args=(queue,), name="worker")
    child.start()
    name = queue.get(timeout=4)
    child.join()
    return {"name": name, "exit": child.exitcode}
