"""What is asked: classes without an SDK, how a user's class is loaded, and how a body becomes a Request."""
