"""How a caption is asked for."""

QUESTION = "그림을 한 문장으로 설명해 주세요."
VERSION = "caption-1"
