"""Programs that end with an AssertionError when a store has the fault that each is about."""
