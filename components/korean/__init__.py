"""Korean text: normalisation and particles."""
