"""The only writer of state: each move checks, changes and logs in one transaction.

Every move locks in one order: Office, Subject, Campaign, Item (each ascending by id), Booking, Post, and as its
last statement the chain head. Callers import the module: `takedown.withdraw`, `posts.begin_reveal`.
"""
