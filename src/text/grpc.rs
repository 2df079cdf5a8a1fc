//! What says that headers are those of gRPC.

/// Whether a `content-type` is gRPC's ("gRPC over HTTP/2", Content-Type): `application/grpc`, alone or with what
/// its messages are or parameters behind it. That of gRPC-Web is another. Its case does not matter (RFC 9110, section 8.3.1).
pub fn is_grpc(content_type: &[u8]) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    let Some((kind, rest)) = content_type.split_at_checked(GRPC.len()) else { return false };
    kind.eq_ignore_ascii_case(GRPC) && matches!(rest.first(), None | Some(b'+' | b';' | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_of_grpc_are_known_in_all_spellings() {
        for (value, yes) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("Application/gRPC;x=1", true),
            ("application/grpc ; x=1", true),
            ("application/grpc-web", false),
            ("application/grpc-web+proto", false),
            ("application/grpcs", false),
            ("application/grp", false),
            ("application/json", false),
            ("text/html", false),
            ("", false),
        ] {
            assert_eq!(is_grpc(value.as_bytes()), yes, "{value}");
        }
    }
}
