"""Messages: people are told what happened, on the channels that the installation names. No firm, name or figure is in a message.

In:   rows of `audit.message`, written in the transaction that settles what they tell.     Out: one message per channel, by apprise.
Read: event → outbox (record, claim, mark) → rules, channels → compose → send, bots; direct (while the warehouse is away).
Owns: `audit.message`, `audit.message_channel`, `include/messages.yaml`, and the file that holds the channels' addresses.
"""
