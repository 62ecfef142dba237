# source: theskumar/python-dotenv#183, AdaCore/e3-core#451, python/mypy#658
# sandboxes: slot fresh
import __main__


def main():
    return {"interactive": not hasattr(__main__, "__file__")}
