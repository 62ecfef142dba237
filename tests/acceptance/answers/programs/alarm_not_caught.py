# mode: "program"
# sandboxes: slot fresh
import signal


class TooSlow(TimeoutError):
    pass


def stop(number, frame):
    raise TooSlow(f"line {frame.f_lineno} took too long")


def search():
    n = 0
    while True:
        n += 1


signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.05)
search()
