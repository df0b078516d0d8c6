"""Bundles for devices beside their peers, at the recipe's shapes with random weights."""
