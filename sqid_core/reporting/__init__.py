"""A report: what was measured, how sure it is and on which queries it fails, in one file that opens anywhere."""
