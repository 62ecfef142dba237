# sandboxes: slot fresh
def main():
    try:
        return {"n": len([0] * 10**15)}
    except MemoryError:
        return {"caught": True}
