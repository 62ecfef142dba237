"""What a script may contain when it runs in the restricted executor."""
