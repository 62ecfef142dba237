# sandboxes: slot fresh
# limits: {"timeout": 1.5}
# error.type: "timeout"
# stdout: "main\n"
# exit_code: null
import threading
import time


def main():
    threading.Thread(target=time.sleep, args=(30,)).start()
    print("main")
    return {}
