# source: Slicer/Slicer#5042
# sandboxes: slot fresh
# result: {"found": false}
try:
    import ensurepip
except ImportError:
    ensurepip = None


def main():
    return {"found": ensurepip is not None}
