"""Forums as administrators see and change them."""
