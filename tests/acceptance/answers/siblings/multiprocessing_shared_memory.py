# sandboxes: slot fresh
from multiprocessing import Process
from multiprocessing.shared_memory import SharedMemory, ShareableList


def write(name):
    block = SharedMemory(name=name)
    block.buf[:5] = b"hello"
    block.close()


def main():
    block = SharedMemory(create=True, size=1024)
    child = Process(target=write, args=(block.name,))
    child.start()
    child.join()
    text = bytes(block.buf[:5]).decode()
    block.close()
    block.unlink()
    numbers = ShareableList([1, 2.5, "x"])
    found = list(numbers)
    numbers.shm.close()
    numbers.shm.unlink()
    return {"text": text, "list": found}
