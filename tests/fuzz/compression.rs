//! Messages that are said to be compressed.

use greeter::compression::{Encoding, unpack};

/// What may come out, in bytes.
const LIMIT: usize = 10_000;

/// A message in an encoding, whichever it is: what comes out is within the limit, and takes no more memory than that.
pub(crate) fn messages(input: &[u8]) -> String {
    let mut outcomes = Vec::new();
    for encoding in Encoding::ALL {
        let mut out = Vec::new();
        let unpacked = unpack(encoding, input, LIMIT, &mut out);
        assert!(out.capacity() <= LIMIT, "{encoding} {}", out.capacity());
        if unpacked.is_ok() {
            assert_eq!(Encoding::of_message(input), Some(encoding));
        }
        outcomes.push(format!("{encoding} {unpacked:?}"));
    }
    outcomes.join(" ")
}
