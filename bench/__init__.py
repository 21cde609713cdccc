"""Measurements, side by side with what tutorials build; nothing in here is needed to run the bot."""
