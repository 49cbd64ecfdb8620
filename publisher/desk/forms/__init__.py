"""What officers fill in. A form checks what can be typed wrongly; whether a thing is allowed is for the gates."""
