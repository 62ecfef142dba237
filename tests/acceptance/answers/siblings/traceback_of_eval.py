# sandboxes: slot fresh
def main():
    return {"v": eval("(lambda n: 1 // n)(0)")}
