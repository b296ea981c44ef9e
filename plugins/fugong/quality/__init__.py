"""Quality: one page a month on the district's statistics, in the nine dimensions of the National Statistics Quality Assurance Framework.

In:   a month, the warehouse, the archive.     Out: `Page`: nine dimensions with what is measured and what is not; Markdown, JSON.
Read: page.compose → reports, figures, rules (the measures) → markdown.write.
Owns: nothing; it reads.
"""
