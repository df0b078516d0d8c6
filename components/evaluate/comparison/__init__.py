"""Models beside each other: what differs, by how much, and whether it can be said at all."""
