"""The checks, one module a subject. Each yields its findings and changes nothing on the host."""
