"""A language model rates answers: hosted behind the OpenAI protocol, or on this machine."""
