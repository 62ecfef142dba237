# mode: "program"
# sandboxes: slot fresh
import atexit
import threading


class Last:
    def __del__(self):
        print("deleted")


last = Last()
atexit.register(lambda: print("atexit first registered"))
atexit.register(print, "atexit last registered")
threading.Thread(target=lambda: (threading.main_thread().join(), print("thread ends"))).start()
print("end of the program")
