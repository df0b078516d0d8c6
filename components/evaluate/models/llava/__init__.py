"""Checkpoints of the original LLaVA code, such as KoLLaVA's, made into transformers' LLaVA.

Their weights lie in ``pytorch_model*.bin``, and their ``config.json`` is a Llama's with further keys, of which most
begin with ``mm_``. The form is that of github.com/haotian-liu/LLaVA, which github.com/tabtoyou/KoLLaVA goes back to.
"""
