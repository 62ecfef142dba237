try:
    import itertools.izip as izip
except ImportError:
    izip = zip
try:
    from urllib2 import quote
except:
    from urllib.parse import quote
try:
    import simplejson as json
except Exception:
    import json
try:
    from StringIO import StringIO
except (ImportError, AttributeError):
    from io import StringIO


def main():
    return {"quote": quote("a b"), "json": json.dumps([1]), "names": [izip.__name__, StringIO.__name__]}
