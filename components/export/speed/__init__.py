"""How fast bundles answer, beside the model in bf16: each in a process of its own, taking turns."""
