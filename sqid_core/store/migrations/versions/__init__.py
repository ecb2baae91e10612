"""The steps. What is here has been run on somebody's database and is never changed."""
