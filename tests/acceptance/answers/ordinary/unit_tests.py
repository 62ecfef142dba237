# sandboxes: slot fresh
import io
import unittest
from unittest import mock


class Numbers(unittest.TestCase):
    def setUp(self):
        self.add = lambda a, b: a + b

    def test_add(self):
        self.assertEqual(self.add(1, 2), 3)

    def test_fails(self):
        self.assertEqual([1, 2], [1, 3])

    def test_mock(self):
        with mock.patch("os.getcwd", return_value="/x") as patched:
            import os

            self.assertEqual(os.getcwd(), "/x")
        patched.assert_called_once_with()


def main():
    out = io.StringIO()
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(Numbers)
    result = unittest.TextTestRunner(out, verbosity=2).run(tests)
    print(result.failures[0][1])
    return {"run": result.testsRun, "failed": [case.id() for case, _ in result.failures]}
