# sandboxes: slot fresh
import locale


def main():
    locale.setlocale(locale.LC_ALL, "")
    return {"text": locale.format_string("%.2f", 1234567.891, grouping=True), "n": f"{1234567:n}"}
