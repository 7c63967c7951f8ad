"""What people see, asked for over HTTP and read as they would read it."""
