# sandboxes: slot fresh
import multiprocessing


def work():
    print("child prints")
    raise ValueError("child fails")


def main():
    child = multiprocessing.Process(target=work, name="P")
    child.start()
    child.join()
    return {"exit": child.exitcode}
