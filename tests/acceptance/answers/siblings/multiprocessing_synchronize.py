# sandboxes: slot fresh
from multiprocessing import Barrier, BoundedSemaphore, Condition, Event, Process, RLock, Semaphore


def wait(event, barrier, condition, done):
    event.wait()
    barrier.wait()
    with condition:
        done.release()
        condition.notify()


def main():
    event, barrier, condition, done = Event(), Barrier(2), Condition(RLock()), Semaphore(0)
    child = Process(target=wait, args=(event, barrier, condition, done))
    child.start()
    event.set()
    barrier.wait(5)
    child.join()
    bounded = BoundedSemaphore(1)
    try:
        bounded.release()
    except ValueError as error:
        return {"done": done.acquire(timeout=1), "error": str(error)}
