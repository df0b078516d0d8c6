"""The demo's baseline: a small model in KoLLaVA's file layout, put together from what the project ships."""
