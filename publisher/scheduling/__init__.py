"""What happens when: the scheduler, Slots and Bookings, and what is expected at an Item's publishing time."""
