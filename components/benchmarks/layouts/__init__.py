"""One file a layout. To add one, copy the nearest and put its own loader, prompt, parser and score into it; it is found
by its file's name (``k_seed.py`` is ``layout: k-seed`` in params.yaml)."""
