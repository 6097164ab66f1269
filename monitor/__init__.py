"""number-monitor: watches the WhatsApp numbers of an NXCloud integrator."""

__version__ = "0.1.0"
