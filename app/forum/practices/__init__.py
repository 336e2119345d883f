"""What a lesson holds beside its words: the practice record, its subjects, and which agencies adopted it."""
