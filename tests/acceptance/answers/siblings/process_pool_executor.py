# sandboxes: slot fresh
from concurrent.futures import ProcessPoolExecutor, as_completed


def cube(n):
    return n**3


def fail():
    raise KeyError("in the child")


def main():
    with ProcessPoolExecutor(2) as pool:
        futures = [pool.submit(cube, n) for n in range(4)]
        failed = pool.submit(fail)
        return {
            "cubes": sorted(future.result() for future in as_completed(futures)),
            "error": repr(failed.exception()),
        }
