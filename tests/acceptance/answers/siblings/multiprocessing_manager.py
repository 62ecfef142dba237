# sandboxes: slot fresh
from multiprocessing import Manager, Process


def work(shared, numbers):
    shared["key"] = "value"
    numbers.append(3)


def main():
    with Manager() as manager:
        shared, numbers = manager.dict(), manager.list([1])
        child = Process(target=work, args=(shared, numbers))
        child.start()
        child.join()
        return {"shared": dict(shared), "numbers": list(numbers)}
