"""Settings, and the constants that the API and the workers share."""
