# sandboxes: slot fresh
# result: {}
# stdout has: ["child\n", "main\n"]
import multiprocessing
import time


def work():
    time.sleep(0.1)
    print("child")


def main():
    multiprocessing.Process(target=work).start()
    print("main")
    return {}
