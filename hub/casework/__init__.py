"""What people do with the hub: record acts, and see what waits for them."""
