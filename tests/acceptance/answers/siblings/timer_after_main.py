# sandboxes: slot fresh
import threading


def main():
    threading.Timer(0.1, print, ["late"]).start()
    print("early")
    return {}
