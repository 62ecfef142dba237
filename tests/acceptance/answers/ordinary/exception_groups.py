def main():
    seen = []
    try:
        raise ExceptionGroup("several", [ValueError("v"), TypeError("t"), ExceptionGroup("inner", [KeyError("k")])])
    except* ValueError as group:
        seen.append([repr(error) for error in group.exceptions])
    except* (TypeError, KeyError) as group:
        seen.append(str(group))
    return {"seen": seen}
