"""The arguments of the tool `run_python`."""

from base64 import b64decode
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from python_executor.mcp_server.failure import CallFailed
from python_executor.mcp_server.schema import without_default
from python_executor.script import Script

#: By default every file is kept, so that a model need not ask for it.
ALL_FILES: Final = ("**",)


class InputFile(BaseModel):
    """A file in the folder of the script."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="Relative path, for example data/sales.csv.")
    content: str = Field(description="The text of the file, or the base64 of its bytes.")
    encoding: Literal["utf-8", "base64"] = Field("utf-8", description="What content is.")

    def decode(self) -> str | bytes:
        """Return the content. Raises CallFailed if it is not base64."""
        if self.encoding == "utf-8":
            return self.content
        try:
            # Models often break base64 into lines.
            return b64decode("".join(self.content.split()), validate=True)
        except ValueError as error:
            raise CallFailed(f"files: the content of {self.path!r} is not base64: {error}") from None


class Arguments(BaseModel):
    """The arguments of one call."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description="Python source. It runs from top to bottom, as `python script.py`.")
    stdin: str = Field("", description="The standard input of the script.")
    files: list[InputFile] = Field(
        default_factory=list, description="Files that lie in the folder of the script when it starts."
    )
    environment: str = Field("stdlib", description="The set of packages that the script can import.")
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        0.0,
        description="Seconds that the script may take. Left out, the service decides.",
        json_schema_extra=without_default,
    )
    artifacts: list[str] = Field(
        default_factory=lambda: list(ALL_FILES),
        description="Patterns of the files to keep, such as *.png or out/**. Left out, all are kept.",
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, data: Any) -> Any:
        # Some clients send null for every argument that the model left out.
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data

    @classmethod
    def parse(cls, data: dict[str, Any]) -> "Arguments":
        """Check what a model sent. Raises CallFailed with one line for each fault."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            faults = (
                f"{'.'.join(str(part) for part in fault['loc']) or 'arguments'}: {fault['msg']}"
                for fault in error.errors(include_url=False, include_input=False, include_context=False)
            )
            raise CallFailed("; ".join(faults)) from None

    @property
    def names_artifacts(self) -> bool:
        """Whether the model chose the artifacts itself."""
        return "artifacts" in self.model_fields_set

    def to_script(self) -> Script:
        """Return the script. Raises CallFailed if its files are wrong."""
        files = {file.path: file.decode() for file in self.files}
        if len(files) < len(self.files):
            raise CallFailed("files: two files have the same path")
        return Script(
            source=self.code,
            mode="program",
            stdin=self.stdin,
            files=files,
            environment=self.environment,
            timeout=self.timeout or None,
            artifacts=self.artifacts,
        )
