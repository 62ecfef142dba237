# source: Slicer/Slicer#5042, LibreELEC/LibreELEC.tv#2149
# note: what the jails leave out of the library is refused before it runs
# sandboxes: slot fresh
# status_code: 400
# error.type: "forbidden_import"
# error.message has: ["ensurepip"]
# error.line: 8
import ensurepip


def main():
    return {"version": ensurepip.version()}
