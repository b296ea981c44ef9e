"""Web: the pages and the interface for programs, over the same functions as the commands.

In: a warehouse, the folders of an installation, requests     Out: pages, receipts within seconds, JSON
Read: application (puts it together) → site (what requests share) → door (who asks), visitor and database (their role) → routes
Owns: rows of `access.page_password`, `access.api_token`, `access.firm_access` and `access.upload`
"""
