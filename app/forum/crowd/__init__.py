"""What is made for many members at once, such as digests: who may see what, asked in a few statements however many they are."""
