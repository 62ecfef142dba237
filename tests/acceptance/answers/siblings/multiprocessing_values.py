# sandboxes: slot fresh
from multiprocessing import Array, Process, Value
from multiprocessing.sharedctypes import RawArray


def fill(number, array, raw):
    with number.get_lock():
        number.value += 7
    for i in range(len(array)):
        array[i] = i * i
    raw[0] = 5


def main():
    number, array, raw = Value("d", 0.5), Array("i", 4), RawArray("i", 1)
    child = Process(target=fill, args=(number, array, raw))
    child.start()
    child.join()
    return {"number": number.value, "array": list(array), "raw": raw[0]}
