"""Train, dev and test by document: stratified by label, stable when the corpus grows."""
