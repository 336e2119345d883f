"""Mail that members send in: taken, judged by the same rules as on the site, and posted, held or refused."""
