"""What a record must be like to be trained on: each check corrects it, or refuses it with a reason."""
