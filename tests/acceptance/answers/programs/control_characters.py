# mode: "program"
print("tab\there\rreturn\x1b[31mred\x1b[0m\x07\x00end\u2028line")
