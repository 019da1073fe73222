"""Infrastructure that is independent of the product: nothing here knows talks or bookings."""
