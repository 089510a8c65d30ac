"""Tools from outside: the program's own functions, and MCP servers. Decides nothing about who may use them."""
