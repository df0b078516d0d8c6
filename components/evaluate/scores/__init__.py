"""From stored answers to figures: one file a kind of benchmark."""
