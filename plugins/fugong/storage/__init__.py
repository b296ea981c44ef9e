"""Storage: originals by their sha256, and sealed ones where they hold personal data.

In:   bytes.     Out: archived and sealed files.
Read: archive → quarantine.
Owns: `archive/`.
"""
