"""What is computed: one folder a stage, and the packages that stages share."""
