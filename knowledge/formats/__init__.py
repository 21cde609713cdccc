"""Word, PDF, Excel, PowerPoint, web pages and plain tables to blocks: headings, text, tables, and where they stand.

Only a child process imports these modules (see knowledge/confined.py): their parsers are large and see hostile files.
"""
