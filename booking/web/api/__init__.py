"""The JSON API of hosts, starts and bookings."""
