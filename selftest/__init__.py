"""Prove a sandbox by running jobs in it."""
