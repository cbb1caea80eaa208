"""Maps, pages, the HTTP API, exports and the command line. Knows nothing of where rows come from."""
