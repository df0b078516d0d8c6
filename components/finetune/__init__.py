"""Stage finetune (stage 2): the connector and LoRA learn to follow instructions."""
