"""Any embedding of any collection as exact float64 points, with the checks that make the numbers trustworthy."""

from boundcheck.embed.embedding import embed, embed_all

__all__ = ["embed", "embed_all"]
