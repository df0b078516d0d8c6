"""Names of a bundle's files: those that OpenVINO GenAI looks for, and the manifest."""

from __future__ import annotations

IMAGE_ENCODER = "openvino_vision_embeddings_model.xml"
EMBEDDINGS = "openvino_text_embeddings_model.xml"
LANGUAGE_MODEL = "openvino_language_model.xml"
TOKENIZER = "tokenizer.json"
SETTINGS = "settings.json"
MANIFEST = "manifest.json"
