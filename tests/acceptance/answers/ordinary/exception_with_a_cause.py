def load():
    try:
        return {}["key"]
    except KeyError as error:
        raise RuntimeError("cannot load") from error


def main():
    try:
        load()
    finally:
        print("finally")
