"""What protocol `uncrumple` is made of: crumpled shapes, who learns to tell their sides, and how it is drawn."""
