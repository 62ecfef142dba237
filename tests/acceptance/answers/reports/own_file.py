# source: python/cpython#132898, gaogaotiantian/viztracer#423
# sandboxes: slot fresh
import multiprocessing


def work():
    pass


def main():
    child = multiprocessing.get_context("spawn").Process(target=work)
    child.start()
    child.join(4)
    return {"child": child.exitcode}
