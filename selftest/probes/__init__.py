"""The probes as data, a module for each area."""
