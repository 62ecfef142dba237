# sandboxes: slot fresh
from pathlib import Path

MODULE = """
class Connection:
    def __del__(self):
        print("closed", flush=True)

connection = Connection()
"""


def main():
    Path("database.py").write_text(MODULE)
    import database

    print(database.connection is not None, flush=True)
    return {}
