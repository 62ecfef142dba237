# source: plasma-umass/scalene#1091, pythonprofilers/memory_profiler#384, mkdocstrings/griffe#386
# note: this file begins with U+FEFF, as Windows editors save UTF-8
def main():
    return {"a": 1}
