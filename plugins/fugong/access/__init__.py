"""People: who they are, what they may do, and their logins of the warehouse.

In:   access.account.     Out: accounts, the person of a login, logins with passwords.

`account` reads; `manage` adds and changes accounts as the owner of the warehouse. What an account may do is held up by the warehouse
itself (`warehouse/sql/guards`), not by this package.
"""
