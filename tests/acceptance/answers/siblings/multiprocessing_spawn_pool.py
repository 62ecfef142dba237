# sandboxes: slot fresh
import multiprocessing


def double(n):
    return 2 * n


def main():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return {"r": pool.map(double, [1, 2])}
