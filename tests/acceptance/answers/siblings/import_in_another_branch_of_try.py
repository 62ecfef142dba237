# status_code: 400
# error.type: "forbidden_import"
# error.line: 7
try:
    value = {}["key"]
except KeyError:
    import numpy


def main():
    return {"numpy": numpy is not None}
