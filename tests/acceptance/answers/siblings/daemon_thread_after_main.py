# sandboxes: slot fresh
import threading
import time


started = threading.Event()


def work():
    print("started", flush=True)
    started.set()
    time.sleep(60)
    print("never")


def main():
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    started.wait()
    return {}
