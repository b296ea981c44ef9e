"""Reading: an untrusted file becomes cells as typed, or a fault. Nothing here opens its bytes; `worker` does, in a process that may die.

In:   a path.     Out: `Reading`: sheets of text cells with addresses (Arrow files), notes, or a fault.
Read: reader.Reader.read → worker.
Owns: the limits on what a file may cost.
"""
