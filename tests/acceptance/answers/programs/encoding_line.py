# mode: "program"
# -*- coding: latin-1 -*-
print("plain")
