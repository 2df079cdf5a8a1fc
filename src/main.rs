//! The `greeter` program.

fn main() {}
