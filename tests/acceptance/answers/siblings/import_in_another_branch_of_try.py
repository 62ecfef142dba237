try:
    value = {}["key"]
except KeyError:
    import numpy


def main():
    return {"numpy": numpy is not None}
