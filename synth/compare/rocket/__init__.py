"""What protocol `rocket` is made of: laws and their data, flights, and those who learn from them."""
