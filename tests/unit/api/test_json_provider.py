import json

import pytest
from flask import Flask, jsonify

from api.json_provider import JSONProvider
from jobs.json_text import JSONText


@pytest.fixture
def app() -> Flask:
    app = Flask("test")
    app.json = JSONProvider(app)
    return app


def test_answer_has_json_texts_unchanged_wherever_they_are(app: Flask) -> None:
    text = JSONText('{"é" : [1.50, "\\u00e9"]}'.encode())
    with app.app_context():
        response = jsonify({"b": text, "a": [{"c": JSONText(b"null")}, "ü"], "d": {"e": text, "f": 1}})
    expected = (
        '{"b":{"é" : [1.50, "\\u00e9"]},"a":[{"c":null},"ü"],"d":{"e":{"é" : [1.50, "\\u00e9"]},"f":1}}\n'
    )
    assert response.data.decode() == expected
    assert response.content_type == "application/json"


def test_answer_is_ordinary_json_when_it_has_no_json_text(app: Flask) -> None:
    with app.app_context():
        assert jsonify(b=[1, None], a="é").data.decode() == '{"b":[1,null],"a":"é"}\n'
        assert jsonify([]).data == b"[]\n"


def test_answer_keeps_a_text_that_looks_like_a_json_text(app: Flask) -> None:
    value = {"message": '\0"\n,:{}', "result": "b'{}'"}
    with app.app_context():
        data = jsonify(value | {"stdout": JSONText(b'"out"')}).data
    assert json.loads(data) == value | {"stdout": "out"}
