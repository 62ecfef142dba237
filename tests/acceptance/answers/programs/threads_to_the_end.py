# mode: "program"
# sandboxes: slot fresh
import threading


def work(n, previous):
    previous.join()
    print("thread", n)


def last():
    threading.main_thread().join()
    print("after the main thread")


thread = threading.Thread(target=print, args=("first",))
thread.start()
for n in (1, 2, 3):
    following = threading.Thread(target=work, args=(n, thread))
    following.start()
    thread = following
thread.join()
threading.Thread(target=last).start()
print("main ends")
