# source: windmill-labs/windmill#1696
def main():
    return {"test": "\nan NaN nan", "Infinity": "-Infinity", "null": None}
