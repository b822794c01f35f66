"""Options and fixtures that every test shares."""
