"""The demo's world: scenes that can be drawn, described in text and asked about, each from one specification.

A scene's digest decides its split, so that no backbone ever trains on a scene of the validation and test splits.
"""
