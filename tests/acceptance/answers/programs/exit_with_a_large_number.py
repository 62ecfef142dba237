# mode: "program"
raise SystemExit(256 + 9)
