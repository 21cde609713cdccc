"""The brain, free of channels: a question is understood, searched, decided on, and answered."""
