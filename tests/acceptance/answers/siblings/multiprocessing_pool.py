# sandboxes: slot fresh
from multiprocessing import Pool


def square(x):
    return x * x


def main():
    with Pool(2) as pool:
        return {"map": pool.map(square, range(5)), "apply": pool.apply_async(square, (9,)).get(5)}
