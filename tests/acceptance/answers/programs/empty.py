# mode: "program"
