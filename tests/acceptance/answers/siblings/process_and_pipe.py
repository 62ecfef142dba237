# sandboxes: slot fresh
import multiprocessing


def answer(connection):
    connection.send({"got": connection.recv()})
    connection.close()


def main():
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.Process(target=answer, args=(theirs,))
    child.start()
    ours.send([1, "two"])
    found = ours.recv()
    child.join()
    return {"found": found, "exit": child.exitcode, "alive": child.is_alive()}
