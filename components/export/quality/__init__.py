"""What quantisation costs: a bundle beside the model that it was made from."""
