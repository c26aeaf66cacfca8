"""What stands in the config file: its tables, its values, and the query language."""
