"""The stand-in cloud: a program of its own, which imports nothing else of hotpress.

`python -m hotpress.standin` runs it; `hotpress.standin.program.run` does so from another program.
"""
