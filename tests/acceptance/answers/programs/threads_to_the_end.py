# mode: "program"
# sandboxes: slot fresh
import threading
import time


def work(n):
    time.sleep(0.02 * n)
    print("thread", n)


for n in (3, 1, 2):
    threading.Thread(target=work, args=(n,)).start()
print("main ends")
