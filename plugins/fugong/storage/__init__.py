"""Storage: keeps originals by their sha256, seals those that hold personal data, and replaces files in one step.

In:   paths and bytes.     Out: archived files, sealed files, whole files.
Read: archive.archive → quarantine.seal; atomic_file.replacing for every other file that people or programs read.
Owns: `archive/` and `quarantine/`. (`operations.retention` deletes what is past its time, `intake.collect` what killed runs left.)
"""
