# sandboxes: slot fresh
from multiprocessing import Lock, Process, Value


def add(lock, total):
    for _ in range(50):
        with lock:
            total.value += 1


def main():
    lock, total = Lock(), Value("i", 0, lock=False)
    children = [Process(target=add, args=(lock, total)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return {"total": total.value, "codes": [child.exitcode for child in children]}
