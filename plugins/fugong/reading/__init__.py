"""Reading: turns an untrusted file into cells as typed, or into the reason why the file is refused.

Nothing in this process opens the bytes of the file. `worker` does, in a child process that may die.

In:   a path.     Out: `Reading`: sheets of text cells with addresses (Arrow streams), notes, or a `ReadingRefused`.
Read: reader.Reader.read → worker; model holds what comes back, faults the sentences for the sender.
Owns: the limits on what a file may cost (`limits`).
"""
