# result: {"face": "😀", "list": ["😀", "x"]}
def main():
    return {"face": "\ud83d\ude00", "list": ["\ud83d\ude00", "x"]}
