"""The conversations room: what is kept of people, their questions and the answers, in SQLite or PostgreSQL."""
