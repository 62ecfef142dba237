# mode: "program"
# sandboxes: slot fresh
# stdin: "x = 4\nprint(x * 2)\n1 / 0\nif x:\n    print('deep')\n\n"
import code

code.interact(banner="ready", exitmsg="bye", local={})
