"""Every model answers every item once; answers are stored as they come."""
