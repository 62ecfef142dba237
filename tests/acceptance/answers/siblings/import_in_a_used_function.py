# error.type: "exception"
# error.message has: ["ModuleNotFoundError: ", "numpy"]
# error.line: 7
# exit_code: 1
def main():
    # The import fails when it runs, as anywhere.
    import numpy as np

    return {"sum": int(np.sum([1, 2]))}
