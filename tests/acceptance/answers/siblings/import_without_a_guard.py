# status_code: 400
# error.type: "forbidden_import"
# error.message has: ["numpy"]
# error.line: 5
import numpy


def main():
    return {"sum": int(numpy.sum([1, 2]))}
