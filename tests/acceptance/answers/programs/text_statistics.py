# mode: "program"
# stdin: "Naïve café — 東京 🙂\n\nThe quick brown fox;\tjumps over the lazy dog.\r\nÜber-straße İstanbul"
import re
import string
import sys
import unicodedata
from collections import Counter
from itertools import groupby

text = sys.stdin.read()
words = re.findall(r"\w+", text)
print(f"{len(text)} characters, {len(text.splitlines())} lines, {len(words)} words")
print(Counter(map(len, words)).most_common(3))
print({key: list(group) for key, group in groupby(sorted(words, key=str.casefold), key=lambda w: w[0].upper())})
print(Counter(unicodedata.category(c) for c in text))
print(set(string.ascii_lowercase) - set(text.lower()), text.translate(str.maketrans("ïé", "ie"))[:10])
print(ascii(text[::-1][:20]), [unicodedata.name(c, "?") for c in "—🙂\t"])
print(re.sub(r"(?P<first>\w)(\w*)", lambda m: m["first"].upper() + m[2][::-1], "make words odd"))
