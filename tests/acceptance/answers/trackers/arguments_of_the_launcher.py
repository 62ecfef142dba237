# source: microsoft/vscode-jupyter#7304, pytorch/examples#369
# result: {"n": 3, "argv": ["script.py"]}
import argparse
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=3)
    return {"n": parser.parse_args().n, "argv": [argument.rpartition("/")[2] for argument in sys.argv]}
