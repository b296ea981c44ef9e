"""Web: the pages and the interface for programs, over the same functions as the commands.

In: a warehouse, the folders of an installation, and requests of people who log in. Out: pages, receipts within seconds, JSON.
Read: `application` puts it together; `site` holds what all requests share; `visitor` says who asks; `database` gives each request a
connection in the role of whoever asks; `routes` has one module per group of pages.
"""
