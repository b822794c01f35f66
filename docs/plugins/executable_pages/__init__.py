"""Pages that run: the language of pages, and what shows them. `testing` holds them true."""
