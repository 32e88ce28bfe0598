"""The story's steps, one module each: what is done, in which order, in which words."""
