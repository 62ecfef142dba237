"""Settings, and the names both sides of the queue share."""
