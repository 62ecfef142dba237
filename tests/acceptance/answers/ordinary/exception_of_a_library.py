# sandboxes: slot fresh
import json


def main():
    return json.loads('{"a": 1,}')
