# mode: "program"
print(repr(exit), quit, sep="\n")
