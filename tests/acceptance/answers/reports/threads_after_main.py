# source: samuelgursky/davinci-resolve-mcp#108
# sandboxes: slot fresh
import time
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(1)


def work():
    time.sleep(0.2)
    print("saved")


def main():
    pool.submit(work)
    return {}
