"""The runtime: how a message travels from acceptance to a committed reply. Knows ports only, no adapter."""
