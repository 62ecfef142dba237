"""The commands. Each starts the other rooms as processes of their own."""
