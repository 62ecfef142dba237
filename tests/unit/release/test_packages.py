"""Which licences a package's metadata names."""

import pytest

from release.packages import Metadata, licenses

TEXT = "MIT License\n\nCopyright (c) 2026\n\nPermission is hereby granted"
OSI = "License :: OSI Approved :: "


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"license_expression": "MIT AND PSF-2.0", "license": "MIT"}, ("MIT AND PSF-2.0",)),
        ({"license": "BSD-3-Clause", "classifier": [f"{OSI}BSD License"]}, ("BSD-3-Clause",)),
        ({"license": TEXT, "classifier": ["Typing :: Typed", f"{OSI}MIT License"]}, ("MIT",)),
        ({"classifier": [f"{OSI}BSD License"]}, ("BSD License",)),
        ({"license": TEXT}, ()),
        ({}, ()),
    ],
)
def test_licenses_are_those_that_the_metadata_names(metadata: Metadata, expected: tuple[str, ...]) -> None:
    assert licenses(metadata) == expected
