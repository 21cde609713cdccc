"""The library kept by people: documents looked at, published and undone, and what people asked in vain."""
