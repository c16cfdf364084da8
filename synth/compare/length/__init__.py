"""What protocol `length` is made of: inputs that are not just any list, reference programs, nets."""
