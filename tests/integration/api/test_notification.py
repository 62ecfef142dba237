"""The notification that a submission leaves for a worker."""

import base64
import json
from contextlib import closing
from typing import Any

import pytest
from celery import Celery
from flask.testing import FlaskClient

from config.celery import celery_settings
from config.names import TASK, queue_of
from config.redis import connect
from config.settings import Settings
from jobs.environment import STDLIB
from jobs.job import Job
from store import keys
from store.job_store import JobStore
from store.queue_class import QueueClass
from store.submission import Submission
from tests.support.answers import content
from tests.support.api import BODY


def _take_oldest(redis_url: str, environment: str = STDLIB) -> dict[str, Any]:
    """Remove and return the oldest message for an environment, with its body decoded."""
    with connect(redis_url) as redis:
        message: dict[str, Any] = json.loads(redis.rpop(keys.notifications(environment)))
    message["body"] = json.loads(base64.b64decode(message["body"]))
    return message


def _send_with_celery(redis_url: str, task_id: str, environment: str = STDLIB) -> dict[str, Any]:
    with Celery(set_as_current=False) as app:
        app.conf.update(celery_settings(Settings(redis_url=redis_url)))
        queue = queue_of(environment)
        app.send_task(TASK, args=[""], queue=queue, task_id=task_id, ignore_result=True)
        return _take_oldest(redis_url, environment)


def test_notification_is_the_message_that_celery_sends(client: FlaskClient, redis_url: str) -> None:
    content(client.post("/jobs", json=BODY))
    notification = _take_oldest(redis_url)
    _compare(notification, _send_with_celery(redis_url, notification["headers"]["id"]))


@pytest.mark.usefixtures("client")
def test_notification_is_the_message_that_celery_sends_to_the_queue_of_an_environment(redis_url: str) -> None:
    with closing(JobStore.from_settings(Settings(redis_url=redis_url))) as store:
        store.submit([Submission("a", Job("def main(): ...", environment="data"), QueueClass())])
    notification = _take_oldest(redis_url, "data")
    _compare(notification, _send_with_celery(redis_url, notification["headers"]["id"], "data"))


def _compare(notification: dict[str, Any], sent: dict[str, Any]) -> None:
    for message in (notification, sent):
        # The delivery tag differs in each message, and the reply queue in each client.
        assert message["properties"].pop("delivery_tag")
        assert message["properties"].pop("reply_to")
    assert notification == sent


def test_submission_leaves_one_notification_when_it_is_repeated(client: FlaskClient, redis_url: str) -> None:
    for _ in range(2):
        client.post("/jobs", json=BODY, headers={"Idempotency-Key": "k"})
    with connect(redis_url) as redis:
        assert redis.llen(keys.NOTIFICATIONS) == 1
