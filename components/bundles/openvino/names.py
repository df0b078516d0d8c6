"""Names of a bundle's files, which OpenVINO GenAI looks for."""

from __future__ import annotations

IMAGE_ENCODER = "openvino_vision_embeddings_model.xml"
EMBEDDINGS = "openvino_text_embeddings_model.xml"
LANGUAGE_MODEL = "openvino_language_model.xml"
OV_TOKENIZER = "openvino_tokenizer.xml"
OV_DETOKENIZER = "openvino_detokenizer.xml"
TOKENIZER = "tokenizer.json"
IMAGE_TOKEN = "<image>"
"""What OpenVINO GenAI's pipeline for LLaVA calls the token that image tokens take the place of. It cannot be told
another, so bundles' tokenizers call it so, whatever the language model's calls it."""
