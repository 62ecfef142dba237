# sandboxes: slot fresh restricted
import json

text = "a b"


def main():
    raise ValueError(text)
