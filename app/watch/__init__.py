"""What an operator looks at: numbers of all processes and of the database, at a door of their own."""
