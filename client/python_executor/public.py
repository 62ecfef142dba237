"""The names that `python_executor` exports."""

# A package with types exports a name only if the import repeats it.
# ruff: noqa: PLC0414

from python_executor.artifact import Artifact as Artifact
from python_executor.artifact import ArtifactInfo as ArtifactInfo
from python_executor.artifact import AsyncArtifact as AsyncArtifact
from python_executor.async_client import AsyncClient as AsyncClient
from python_executor.client import Client as Client
from python_executor.errors import AuthenticationFailed as AuthenticationFailed
from python_executor.errors import BatchInterrupted as BatchInterrupted
from python_executor.errors import Conflict as Conflict
from python_executor.errors import ExecutionFailed as ExecutionFailed
from python_executor.errors import JobNotFinished as JobNotFinished
from python_executor.errors import NotFound as NotFound
from python_executor.errors import PythonExecutorError as PythonExecutorError
from python_executor.errors import RequestRefused as RequestRefused
from python_executor.errors import ScriptRefused as ScriptRefused
from python_executor.errors import ServiceFault as ServiceFault
from python_executor.events import Done as Done
from python_executor.events import Event as Event
from python_executor.events import Output as Output
from python_executor.events import Restarted as Restarted
from python_executor.events import StatusChanged as StatusChanged
from python_executor.execution import Execution as Execution
from python_executor.execution import ScriptError as ScriptError
from python_executor.execution import Status as Status
from python_executor.execution import Truncated as Truncated
from python_executor.execution import Usage as Usage
from python_executor.script import Mode as Mode
from python_executor.script import Priority as Priority
from python_executor.script import Script as Script
from python_executor.service_info import Environment as Environment
from python_executor.service_info import Health as Health
from python_executor.service_info import Package as Package
from python_executor.service_info import Worker as Worker
