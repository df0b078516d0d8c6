"""Shards: Parquet files with the encoded images inside, the same bytes for the same samples."""
