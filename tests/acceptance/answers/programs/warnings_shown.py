# mode: "program"
# sandboxes: slot fresh
import warnings


def area(width, height=None):
    if height is None:
        warnings.warn("area(width) is deprecated", DeprecationWarning, stacklevel=2)
        height = width
    return width * height


class Temperature(float):
    def __new__(cls, value):
        if value < -273.15:
            warnings.warn(f"{value} is below absolute zero", RuntimeWarning)
        return super().__new__(cls, value)


print(area(2))
for _ in range(2):
    print(area(3))
print(Temperature(-300), Temperature(-400))
warnings.warn("a future change", FutureWarning)
warnings.warn_explicit("elsewhere", UserWarning, "config.ini", 7)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    warnings.warn("not shown")
warnings.simplefilter("error")
print(area(4))
