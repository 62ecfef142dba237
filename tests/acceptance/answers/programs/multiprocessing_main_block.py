# mode: "program"
# sandboxes: slot fresh
import multiprocessing


def square(n):
    return n * n


if __name__ == "__main__":
    multiprocessing.freeze_support()
    with multiprocessing.Pool(2) as pool:
        print(pool.map(square, range(5)))
