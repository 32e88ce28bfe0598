"""What a test may do to the emulator and ask of it: journal, faults, clock, reset, state.

None of it is AWS's, and over HTTP all of it is off unless asked for.
"""
