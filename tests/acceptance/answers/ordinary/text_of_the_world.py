import unicodedata


def main():
    text = "Ångström – 東京 – 🙂👩‍👩‍👧"
    print(text)
    print(text.encode("utf-16-le")[:4], ascii("é"))
    return {
        "text": text,
        "length": len(text),
        "nfd": len(unicodedata.normalize("NFD", text)),
        "name": unicodedata.name("🙂"),
        "upper": "straße".upper(),
        "centre": "東".center(5, "*"),
        "keys": {"ключ": "значение"},
    }
