"""What a script may contain, checked before it is queued. Pure, apart from the check in a subprocess."""
