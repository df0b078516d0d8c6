"""Speed and memory of stage ingest beside `datasets.map` and a WebDataset writer."""
