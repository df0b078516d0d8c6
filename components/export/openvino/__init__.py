"""The trained model as OpenVINO models, quantised, laid out as OpenVINO GenAI's pipeline for LLaVA expects them."""
