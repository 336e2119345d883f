"""Reads of the forum. Every one starts from a `visible_…` of access.py; statements are built once, rows stay Core rows."""
