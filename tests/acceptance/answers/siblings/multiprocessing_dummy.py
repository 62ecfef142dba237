# sandboxes: slot fresh
from multiprocessing.dummy import Pool, Queue


def main():
    queue = Queue()
    queue.put(1)
    with Pool(3) as pool:
        return {"r": sorted(pool.imap_unordered(abs, [-1, -2])), "q": queue.get()}
