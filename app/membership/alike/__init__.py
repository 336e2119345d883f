"""The same person twice: by address, name, phone or network, among members and cases."""
