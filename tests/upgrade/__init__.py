"""From every released schema to the newest, with data, and back by restore."""
