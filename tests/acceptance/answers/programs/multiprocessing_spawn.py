# mode: "program"
# sandboxes: slot fresh
import multiprocessing as mp


class Task:
    def __init__(self, n):
        self.n = n


def work(task, queue):
    queue.put((task.n * 2, __name__))


print("imported as", "main" if __name__ == "__main__" else "child", flush=True)
if __name__ == "__main__":
    mp.set_start_method("spawn")
    queue = mp.Queue()
    child = mp.Process(target=work, args=(Task(4), queue))
    child.start()
    print(queue.get(timeout=8))
    child.join()
