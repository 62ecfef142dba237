"""The names and class patterns that a restricted script may name.

Two readers use these tables: the rule on the script's text, and the guards inside the restricted executor.
"""

from typing import Final

#: Classes whose positional pattern matches the subject itself. Other classes match attributes by position.
OWN_PATTERNS: Final = frozenset(
    {"bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"}
)

#: Attributes that are harmless on most objects and lead out of the sandbox on some. The guest replaces each
#: read of one with a call of a guard.
GUARDED: Final = frozenset({"detach", "format", "format_map", "obj", "raw"})

#: Names with double underscores that ordinary programs use. All others are refused.
SPECIAL_NAMES: Final = frozenset(
    (
        "__abs__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __author__ __await__ "
        "__bool__ __bytes__ __call__ __cause__ __ceil__ __class__ __class_getitem__ __complex__ __contains__ "
        "__context__ __copy__ __date__ __debug__ __deepcopy__ __del__ __delattr__ __delete__ __delitem__ "
        "__divmod__ __doc__ __enter__ __eq__ __exit__ __file__ __float__ __floor__ __floordiv__ __format__ "
        "__ge__ __get__ __getattr__ __getitem__ __gt__ __hash__ __iadd__ __iand__ __ifloordiv__ __imatmul__ "
        "__imod__ __imul__ __index__ __init__ __init_subclass__ __int__ __invert__ __ior__ __ipow__ __isub__ "
        "__iter__ __itruediv__ __ixor__ __le__ __len__ __length_hint__ __lshift__ __lt__ "
        "__matmul__ __members__ __missing__ __mod__ __module__ __mul__ __name__ __ne__ __neg__ __new__ "
        "__next__ __notes__ __or__ __pos__ __post_init__ __pow__ __qualname__ __radd__ __rand__ __rdivmod__ "
        "__repr__ __reversed__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__ __round__ "
        "__rpow__ __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__ __set__ __set_name__ __setattr__ "
        "__setitem__ __slots__ __str__ __sub__ __suppress_context__ __truediv__ __trunc__ __version__ __xor__"
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
    return name not in INTROSPECTION and (
        not (name.startswith("__") and name.endswith("__")) or name in SPECIAL_NAMES
    )
