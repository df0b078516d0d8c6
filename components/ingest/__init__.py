"""Stage ingest: data sets in, checked and split shards, benchmarks and a data card out."""
