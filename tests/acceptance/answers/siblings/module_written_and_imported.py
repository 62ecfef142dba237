# mode: "program"
# sandboxes: slot fresh
with open("shapes.py", "w") as file:
    file.write("SIDES = {'square': 4}\n")

import shapes
from shapes import SIDES

print(shapes.__name__, SIDES)
