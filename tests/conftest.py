"""How all processes of the tests run: full collections of garbage are rare.

Each looks at every object there is, AWS's service models and thousands of collected tests among
them, to find next to nothing, in a process that lives for a minute: a fifth of all time.
"""

import gc

YOUNG, MIDDLE, _ = gc.get_threshold()
gc.set_threshold(YOUNG, MIDDLE, 1000)  # of the middle generation's collections, instead of 10
