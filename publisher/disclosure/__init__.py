"""What goes to others than the public: press packs and their recalls; and what must be erased."""
