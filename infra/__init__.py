"""Where the pipeline runs: set-up, images, clusters and the demo's front."""
