"""People: who they are, what they may do, and their logins of the warehouse.

In:   `access.account`.     Out: accounts, the person of a login, logins with passwords.
Read: account (reads the list) → logins (roles of the server) → manage (adds and changes, as the owner).
Owns: `access.account`, `access.account_change`. What an account may do is held up by the warehouse itself (`warehouse/sql/guards`).
"""
