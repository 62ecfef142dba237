# source: berarma/oversteer#239, pimutils/khal#634
# sandboxes: slot fresh
import locale


def main():
    return {"v": locale.setlocale(locale.LC_ALL, "")}
