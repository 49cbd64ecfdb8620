"""What is due: for each thing that a round does, the rows that it would do something with.

A round asks for all of it in one statement (`base.which`) and does only what has rows. Wherever it can, what does the
work reads its rows by the same function; the tests of the rounds run what was left out and see that it does nothing.
"""
