"""Job, limits, outcome and status: values without side effects. They import the standard library only."""
