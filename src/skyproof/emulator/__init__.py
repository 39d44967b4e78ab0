"""An AWS that is always there: a WSGI gateway on loopback over moto and services of our own.

It knows neither pytest nor Terraform. Start one with :class:`Emulator`, or alone with
``python -m skyproof.emulator --port 0 --ready-file FILE``.
"""

from skyproof.emulator.server import Emulator, run

__all__ = ["Emulator", "run"]
