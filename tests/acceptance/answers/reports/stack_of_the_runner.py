# source: huggingface/smolagents#2053, SeattleTestbed/repy_v2#95
# sandboxes: slot fresh
import logging
import threading

def work():
    n = 0
    return 1 / n


def main():
    logging.warning("here", stack_info=True)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return {}
