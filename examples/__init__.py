"""Services that integrate with a node, small enough to read in one sitting."""
