"""From answers to figures: one file a kind of answer. No model is needed, and no statistics are done here."""
