"""Stage backbones: puts the image encoder and the language model in place as ``from_pretrained`` folders."""
