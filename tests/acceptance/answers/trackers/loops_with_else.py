# source: huggingface/smolagents#2782, huggingface/smolagents#1814, huggingface/smolagents#1797
from enum import Enum


class Status(Enum):
    OPEN = "open"
    CLOSED = "closed"


def main():
    total, table = 0, {}
    for n in range(3):
        total += n
    else:
        total += 100
    while total > 200:
        pass
    else:
        total += 1000
    for letter in "ab":
        for e in (1, 2):
            table[f"{letter}{e}"] = e
            if e == 2:
                break
        else:
            table["never"] = True
    return {"total": total, "table": table, "status": [status.value for status in Status]}
