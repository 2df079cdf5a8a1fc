//! Percent-encoded UTF-8, as `grpc-message` is ("gRPC over HTTP/2", Status-Message).

/// The text that `raw` stands for. What is not well-formed stays as it came.
pub fn percent_decoded(raw: &[u8]) -> String {
    let hex = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, ..] if byte == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            decoded.push(high << 4 | low);
            rest = &after[2..];
        } else {
            decoded.push(byte);
            rest = after;
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned())
}
