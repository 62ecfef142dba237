# sandboxes: slot fresh
import queue
import threading
from concurrent.futures import ThreadPoolExecutor


def main():
    lock, total, tasks = threading.Lock(), [0], queue.Queue()

    def work():
        while (n := tasks.get()) is not None:
            with lock:
                total[0] += n

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in [*range(100), None, None, None]:
        tasks.put(n)
    for thread in threads:
        thread.join()
    with ThreadPoolExecutor(4) as pool:
        squares = list(pool.map(lambda n: n * n, range(5)))
    return {"total": total[0], "squares": squares, "name": threading.current_thread().name}
