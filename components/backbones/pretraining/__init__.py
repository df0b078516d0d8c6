"""How the demo's two small backbones are pretrained: ``python -m components.backbones.remake``."""
