# source: python-discord/snekbox#113, windmill-labs/windmill#10240, eugene1g/agent-safehouse#171
# sandboxes: slot fresh
from multiprocessing.pool import ThreadPool


def square(x):
    return x * x


def main():
    with ThreadPool(2) as pool:
        return {"r": pool.map(square, [1, 2, 3])}
