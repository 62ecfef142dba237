"""What a job is: values without effects, from the standard library alone."""
