"""Warehouse: the server, connections, the tables of `report` and the roles.

In:   settings, contracts.     Out: connections, `report.*` and `asof.*` tables and views, roles.
Read: connection.connect → embedded → report_table → roles.
Owns: the embedded server's data, the shape of `report.*` and `asof.*`.
"""
