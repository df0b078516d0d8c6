"""The model: configuration, connectors, modeling and processing, as transformers classes.

Importing this package registers them, so that ``AutoModelForImageTextToText`` and ``AutoProcessor`` find them. Saving
copies their files beside the weights, so that ``trust_remote_code=True`` finds them where this package is not: they
import each other relatively, and nothing else of the project.
"""

from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor

from .configuration import KoreanVlmConfig
from .modeling import KoreanVlmForConditionalGeneration
from .processing import KoreanVlmProcessor

AutoConfig.register(KoreanVlmConfig.model_type, KoreanVlmConfig)
AutoModelForImageTextToText.register(KoreanVlmConfig, KoreanVlmForConditionalGeneration)
AutoProcessor.register(KoreanVlmConfig, KoreanVlmProcessor)
KoreanVlmConfig.register_for_auto_class()
KoreanVlmForConditionalGeneration.register_for_auto_class("AutoModelForImageTextToText")
KoreanVlmProcessor.register_for_auto_class()

__all__ = ["KoreanVlmConfig", "KoreanVlmForConditionalGeneration", "KoreanVlmProcessor"]
