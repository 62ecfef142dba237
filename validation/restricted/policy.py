"""The names with special meaning that a restricted script may use, and those that are refused.

Two readers use these tables: the rule on the script's text, and the guards inside the restricted executor.
"""

from typing import Final

#: Names with double underscores that ordinary programs use. All others are refused.
SPECIAL_NAMES: Final = frozenset(
    (
        "__abs__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __annotations__ "
        "__args__ __author__ __await__ __bool__ __buffer__ __bytes__ __call__ __cause__ __ceil__ "
        "__class__ __class_getitem__ __complex__ __contains__ __context__ __copy__ __create_fn__ "
        "__dataclass_fields__ __dataclass_params__ __date__ __debug__ __deepcopy__ __del__ __delattr__ "
        "__delete__ __delitem__ __dict__ __dir__ __divmod__ __doc__ __enter__ __eq__ __exit__ __file__ "
        "__firstlineno__ __float__ __floor__ __floordiv__ __format__ __fspath__ __ge__ __get__ "
        "__getattr__ __getattribute__ __getitem__ __getnewargs__ __getnewargs_ex__ __getstate__ __gt__ "
        "__hash__ __iadd__ __iand__ __ifloordiv__ __imatmul__ __imod__ __imul__ __index__ __init__ "
        "__init_subclass__ __instancecheck__ __int__ __invert__ __ior__ __ipow__ __isub__ __iter__ "
        "__itruediv__ __ixor__ __le__ __len__ __length_hint__ __lshift__ __lt__ __main__ __match_args__ "
        "__matmul__ __members__ __missing__ __mod__ __module__ __mro_entries__ __mul__ __name__ __ne__ "
        "__neg__ __new__ __next__ __notes__ __objclass__ __optional_keys__ __or__ __origin__ __parameters__ "
        "__pos__ __post_init__ __pow__ __prepare__ __qualname__ __radd__ __rand__ __rdivmod__ __reduce__ "
        "__reduce_ex__ __replace__ __repr__ __required_keys__ __reversed__ __rfloordiv__ __rlshift__ "
        "__rmatmul__ __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__ __rshift__ __rsub__ "
        "__rtruediv__ __rxor__ __set__ __set_name__ __setattr__ __setitem__ __setstate__ __sizeof__ "
        "__slots__ __static_attributes__ __str__ __sub__ __subclasscheck__ __subclasshook__ "
        "__suppress_context__ __total__ __traceback__ __truediv__ __trunc__ __type_params__ __version__ "
        "__wrapped__ __xor__"
    ).split()
)

#: Attributes without double underscores that lead from an object to a frame, to code or to base classes.
INTROSPECTION: Final = frozenset(
    (
        "_convert_ _evaluate ag_await ag_code ag_frame co_code co_consts cr_await cr_code cr_frame cr_origin "
        "f_back f_builtins f_code f_globals f_locals f_trace gi_code gi_frame gi_yieldfrom mro tb_frame "
        "tb_lasti tb_lineno tb_next"
    ).split()
)


def permitted(name: str) -> bool:
    """Return whether a restricted script may use `name` as a name or an attribute."""
    special = name.startswith("__") and name.endswith("__")
    return name not in INTROSPECTION and (
        # The library's dataclasses write such names into the code that they run.
        not special or name in SPECIAL_NAMES or name.startswith("__dataclass_")
    )
