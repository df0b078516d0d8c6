"""Stage pretrain (stage 1): the connector learns to say what pictures show, all else stays as it is."""
