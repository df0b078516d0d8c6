"""The model: configuration, connector, modeling and processing, as transformers classes.

Importing this package registers them, so that ``AutoModelForImageTextToText`` and ``AutoProcessor`` find them.
"""

from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor

from components.model.configuration import KoreanVlmConfig
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor

AutoConfig.register(KoreanVlmConfig.model_type, KoreanVlmConfig)
AutoModelForImageTextToText.register(KoreanVlmConfig, KoreanVlmForConditionalGeneration)
AutoProcessor.register(KoreanVlmConfig, KoreanVlmProcessor)

__all__ = ["KoreanVlmConfig", "KoreanVlmForConditionalGeneration", "KoreanVlmProcessor"]
