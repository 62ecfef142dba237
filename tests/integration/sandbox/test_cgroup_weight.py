import os

from sandbox.jail import hierarchy
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import run_script


def test_jails_of_a_worker_have_half_of_the_cpu_weight_of_a_process(sandbox: NsjailSandbox) -> None:
    run_script(sandbox, "def main(): return {}")
    own = hierarchy.detect()
    jails = list(own.folders["cpu"].glob(f"*/{os.getpid()}-*"))
    assert jails
    file, weight = ("cpu.shares", 512) if own.version == 1 else ("cpu.weight", 50)
    assert {int((jail.parent / file).read_text()) for jail in jails} == {weight}
