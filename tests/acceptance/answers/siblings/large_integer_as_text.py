# sandboxes: slot fresh
import sys


def main():
    try:
        str(10**5000)
    except ValueError as error:
        print(error)
    sys.set_int_max_str_digits(0)
    return {"length": len(str(10**5000)), "limit": sys.get_int_max_str_digits()}
