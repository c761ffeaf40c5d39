"""A restaurant that takes bookings."""
