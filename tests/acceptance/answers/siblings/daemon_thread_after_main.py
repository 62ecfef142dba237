# sandboxes: slot fresh
import threading
import time


def work():
    print("started", flush=True)
    time.sleep(60)
    print("never")


def main():
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    time.sleep(0.05)
    return {}
