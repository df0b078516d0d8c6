"""The trained model as GGUF files for llama.cpp, and checks that llama.cpp reads them rightly."""
