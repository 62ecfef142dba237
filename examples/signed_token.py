"""Hashing and Base64: sign a token, and notice when it was changed."""

import base64
import hashlib
import json


def signature(body, key):
    return hashlib.blake2b(body, key=key.encode(), digest_size=16).hexdigest()


def sign(claims, key):
    body = base64.urlsafe_b64encode(json.dumps(claims, sort_keys=True).encode())
    return f"{body.decode()}.{signature(body, key)}"


def verify(token, key):
    body, _, signed = token.partition(".")
    if signature(body.encode(), key) != signed:
        raise ValueError("the token was changed")
    return json.loads(base64.urlsafe_b64decode(body))


def main(claims, key):
    token = sign(claims, key)
    print(token)
    try:
        verify("A" + token[1:], key)
    except ValueError as error:
        print(error)
    return {"claims": verify(token, key), "sha256": hashlib.sha256(token.encode()).hexdigest()}
