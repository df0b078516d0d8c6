"""How fast training is, what its savings are, and how much memory it takes."""
