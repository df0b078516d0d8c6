"""What every stage's command line shares, and where stages leave what they make."""
