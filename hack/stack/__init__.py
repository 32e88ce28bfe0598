"""The product's own programs as child processes: emulator, controller, agent.

For demo, cluster tests and bench. Nothing here outlives the process that started it.
"""
