"""What a profile in the AWS shared credentials file may be called."""


def is_profile_name(text: str) -> bool:
    """Tell whether it can stand between brackets on a line, and be read back as it is."""
    return bool(text) and text == text.strip() and text.isprintable() and not set(text) & set("[]")
