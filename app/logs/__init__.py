"""What a log file is: formats, header, time stamps, encodings, which application wrote it.

It must not know where files come from.
"""
