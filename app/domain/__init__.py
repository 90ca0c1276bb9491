"""The rules of the support process: pure, without I/O and without a clock of its own.

It must not know HTTP, SQL, Qt or the time (which is passed in). Every answer carries its reason and its
rule number; the numbers are those of ``docs/rules.md``.
"""
