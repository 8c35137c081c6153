"""The edge: options in, exit code out. The only importer of Typer."""
