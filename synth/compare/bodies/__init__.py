"""What protocol `bodies` is made of: programs as finite machines, machines as weights, weights as trained and left."""
