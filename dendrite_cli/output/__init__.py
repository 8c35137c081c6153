"""Who sees it: the renderers, the terminal they write to, and what of a record they show."""
