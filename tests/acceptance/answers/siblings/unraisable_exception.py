# sandboxes: slot fresh
class Bad:
    def __del__(self):
        raise ValueError("in __del__")

    def __repr__(self):
        return "<Bad>"


def main():
    bad = Bad()
    del bad
    return {}
