"""The built-in support portal: a real server that speaks the portal contract. Nobody imports it."""
