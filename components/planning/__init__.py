"""What a training stage will take, told before it starts: memory, time and price. No stage's result depends on it."""
