"""What is due: for each thing that a round does, the rows that it would do something with.

A round asks for all of it in one statement (`base.which`) and does only what has rows. Whatever does the work reads its
rows by the same function, so that the question and the work cannot differ.
"""
