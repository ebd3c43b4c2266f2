"""What several objectives are made of, a file a part."""
