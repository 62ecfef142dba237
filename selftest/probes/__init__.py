"""The probes, as data: one module or folder for each area."""
