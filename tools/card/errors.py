class CardError(Exception):
    """Something a person can do something about; the message says what."""
