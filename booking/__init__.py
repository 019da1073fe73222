"""Whom: hosts, their hours, office hours and bookings."""
