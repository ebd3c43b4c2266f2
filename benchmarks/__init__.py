"""Speed, memory and accuracy, measured; no part of the package."""
