"""What a job is and how one is run. Standard library only."""
