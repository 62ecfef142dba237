# sandboxes: slot fresh
import signal
import time


class Late(Exception):
    pass


def ring(number, frame):
    raise Late(signal.Signals(number).name, frame.f_code.co_name)


def main():
    signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(4)
    except Late as error:
        return {"late": error.args, "interrupt": signal.getsignal(signal.SIGINT).__name__}
