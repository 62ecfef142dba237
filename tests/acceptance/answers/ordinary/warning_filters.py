# sandboxes: slot fresh
import warnings


def main():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn("caught", UserWarning)
    warnings.filterwarnings("error", category=RuntimeWarning)
    try:
        warnings.warn("raised", RuntimeWarning)
    except RuntimeWarning as error:
        print("raised", error)
    return {"caught": [str(warning.message) for warning in caught], "file": caught[0].filename[-9:]}
