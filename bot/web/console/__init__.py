"""The console: what ops see of conversations, tickets, people and the library, and what they do about it."""
