def plot(numbers):
    import matplotlib.pyplot as plt

    plt.plot(numbers)


class Frame:
    def to_pandas(self):
        from pandas import DataFrame

        return DataFrame(self)


def main():
    return {"ok": True}
