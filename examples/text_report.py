"""A report as text: wrapped paragraphs and a table with aligned columns."""

import textwrap


def table(rows):
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        cells = (f"{number:>{width}}" for number, width in zip(numbers, widths[1:], strict=True))
        yield "  ".join([f"{name:<{widths[0]}}", *cells])


def main(title, text, rows, width=40):
    print(title.upper().center(width).rstrip())
    print("=" * width)
    print(textwrap.fill(text, width, initial_indent="  "))
    print()
    lines = list(table(rows))
    print("\n".join(lines))
    return {"lines": len(lines), "short": textwrap.shorten(text, width)}
