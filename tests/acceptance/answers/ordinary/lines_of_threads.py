# sandboxes: slot fresh
# result: {"whole": true}
import contextlib
import os
import threading


def main():
    # The lines of two threads that print at once stay whole.
    readable, writable = os.pipe()
    kept = os.dup(1)
    os.dup2(writable, 1)

    def work(letter):
        for _ in range(200):
            print(letter * 20, letter * 20)

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.dup2(kept, 1)
    os.close(writable)
    with contextlib.closing(os.fdopen(readable)) as file:
        lines = file.read().splitlines()
    return {"whole": set(lines) == {"a" * 20 + " " + "a" * 20, "b" * 20 + " " + "b" * 20}}
