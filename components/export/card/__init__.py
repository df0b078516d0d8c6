"""What a bundle says of itself to whoever gets it: README.md, NOTICE and copies of licences."""
