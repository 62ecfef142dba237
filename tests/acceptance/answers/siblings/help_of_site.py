# mode: "program"
# sandboxes: slot fresh
def area(width, height):
    """Return the area of a rectangle."""


help(area)
print(help)
