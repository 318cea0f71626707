"""Reading catalogues that others made: CommerceML 2, YML, XLSX and CSV, alone or packed in a ZIP.

Every reader is a generator of neutral records (`records`) and problems (`problems`), in constant memory but for
the ids already seen. A file that cannot be read at all raises a subclass of `Invalid` with one sentence, possibly
after records were already yielded: whoever writes them does it in one transaction. Nothing here knows a database.
"""
