"""Which service a request is for, and its way there: signature, permission, answer, journal.

Start reading at ``application``. One module for each kind of service; what they do is elsewhere.
"""
