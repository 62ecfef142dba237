"""The examples of requests in the OpenAPI document, which `/docs` offers to send, succeed."""

from typing import Any

from tests.support.service import Service


def operations(service: Service) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path and description of each call of the document."""
    paths = service.client.get("/openapi.json").json()["paths"]
    return [(method, path, found) for path, methods in paths.items() for method, found in methods.items()]


def bodies(operation: dict[str, Any]) -> list[Any]:
    """Return the examples of an operation's body; [None] if it takes no body."""
    if "requestBody" not in operation:
        return [None]
    content = operation["requestBody"]["content"]["application/json"]
    found = [example["value"] for example in content.get("examples", {}).values()]
    found += [content["example"]] if "example" in content else []
    assert found, f"{operation['operationId']} has no example"
    return found


def test_every_example_of_a_body_runs(service: Service) -> None:
    for method, path, operation in operations(service):
        for body in bodies(operation):
            if body is None:
                continue
            answer = service.client.request(method, path, json=body)
            assert answer.is_success, answer.text
            jobs = answer.json() if isinstance(answer.json(), list) else [answer.json()]
            for job in jobs:
                ended = service.client.get(f"/jobs/{job['id']}", params={"wait": 30}).json()
                assert (ended["status"], ended["error"]) == ("succeeded", None)
                assert ended["stdout"].startswith("Hello, ")


def test_every_call_without_a_body_succeeds_with_its_defaults(service: Service) -> None:
    for method, path, operation in operations(service):
        # A job that runs has no artifacts.
        if bodies(operation) != [None] or "{path}" in path:
            continue
        sleeping = {"script": "import time\ndef main():\n    time.sleep(20)", "limits": {"timeout": 30}}
        job = service.client.post("/jobs", json=sleeping).json()["id"]
        defaults = {
            parameter["name"]: parameter["schema"]["default"]
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query" and parameter["schema"].get("default") is not None
        }
        try:
            answer = service.client.request(method, path.format(job_id=job), params=defaults)
            assert answer.is_success, answer.text
        finally:
            service.client.delete(f"/jobs/{job}")
