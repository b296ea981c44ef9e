"""Storage: keeps originals by their sha256, seals those that hold personal data, and replaces files in one step.

In:   paths and bytes.     Out: archived files, sealed files, whole files.
Read: modes (who may read what) → archive.archive → quarantine.seal; outbox for answers to departments; atomic_file.replacing for every
      other file that people or programs read.
Owns: `archive/`, `quarantine/`, `keys/`, and the modes of all folders. (`operations.retention` deletes what is past its time, `intake.collect` what killed runs left.)
"""
