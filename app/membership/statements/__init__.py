"""What applicants accept: the association's statement, each version of it kept."""
