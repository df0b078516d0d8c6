"""Stage export: the trained model as files that run on a device, and what the quantisation cost."""
