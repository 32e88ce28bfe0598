"""The words users type: group, names, conditions, reasons, and the three kinds' spec and status.

Frozen types and constants only. No decisions (``domain``), no I/O, no third-party library but
``msgspec``, which turns JSON into these types and back.
"""
