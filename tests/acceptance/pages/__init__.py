"""The tests of the pages in a browser. A package, so that their browser ends before other tests begin."""
