"""Bundles of OpenVINO models, which OpenVINO GenAI runs as they are."""
