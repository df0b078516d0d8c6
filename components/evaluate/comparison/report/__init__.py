"""The comparison for people: two texts and a picture."""
