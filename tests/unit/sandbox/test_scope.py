"""The call that asks systemd for a scope."""

from sandbox.jail.scope import scope_command


def test_scope_command_asks_the_system_for_a_delegated_scope_in_the_slice_when_root() -> None:
    command = scope_command("a.scope", "user-0.slice", uid=0, pid=7)
    assert "--system" in command
    call = " ".join(command[command.index("StartTransientUnit") :])
    assert call.startswith("StartTransientUnit ssa(sv)a(sa(sv)) a.scope fail 5 PIDs au 1 7 Delegate b true ")
    assert call.endswith(" Slice s user-0.slice 0")


def test_scope_command_asks_the_users_systemd_and_leaves_out_an_empty_slice_when_not_root() -> None:
    command = scope_command("a.scope", "", uid=1000, pid=7)
    assert "--address=unix:path=/run/user/1000/bus" in command
    assert command[command.index("fail") + 1] == "4"
    assert "Slice" not in command
