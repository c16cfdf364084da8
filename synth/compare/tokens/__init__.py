"""Tasks from one list of small ints to an int or such a list: their data, and nets that read and write tokens."""
