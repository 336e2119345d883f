"""What a reader keeps for themselves beside how far they read: thanks, bookmarks, drafts."""
