"""Training that both stages share: samples to tensors, batches, the loop, checkpoints."""
