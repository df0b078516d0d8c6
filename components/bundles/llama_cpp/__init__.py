"""Bundles for llama.cpp: GGUF files, opened through llama-cpp-python, which brings llama.cpp as it is released."""
