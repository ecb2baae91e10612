"""The frame around every page: bundle picker, first start, serving of pictures."""
