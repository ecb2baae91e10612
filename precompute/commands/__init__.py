"""The command line's words: a module a verb, which parses, calls the step and says what became of it."""
