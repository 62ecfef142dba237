# source: valory-xyz/open-aea#164, wemake-services/wemake-python-styleguide#2382, microsoft/python-language-server#1733
# result: {"numpy": false}
try:
    import numpy
except ImportError:
    numpy = None


def main():
    return {"numpy": numpy is not None}
