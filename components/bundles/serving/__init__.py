"""A loaded bundle behind OpenAI's chat completions. No torch."""
