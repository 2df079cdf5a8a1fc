//! How the server compresses: it takes requests in gzip and zstd and says so with each answer, and it compresses its
//! replies as the request was. So nothing is compressed until somebody asks, and what was asked for comes back.
//!
//! tonic would compress for every client that could bear it, and names what it takes only where it refuses.
//!
//! Source: <https://github.com/grpc/grpc/blob/master/doc/compression.md>

use http::{HeaderMap, HeaderValue};

const ENCODING: &str = "grpc-encoding";
const ACCEPT_ENCODING: &str = "grpc-accept-encoding";

/// A generated service that takes compressed requests, and compresses where tonic finds that it may.
macro_rules! compressing {
    ($service:expr) => {
        $service
            .accept_compressed(tonic::codec::CompressionEncoding::Gzip)
            .accept_compressed(tonic::codec::CompressionEncoding::Zstd)
            .send_compressed(tonic::codec::CompressionEncoding::Gzip)
            .send_compressed(tonic::codec::CompressionEncoding::Zstd)
    };
}
pub(super) use compressing;

/// Leaves of what the client takes only what its request is compressed with: tonic then compresses the replies with
/// that, or not at all.
pub(super) fn answer_in_kind(request: &mut HeaderMap) {
    let used = request.get(ENCODING).cloned();
    // One list may come in several lines (RFC 9110, section 5.3).
    let lists = request.get_all(ACCEPT_ENCODING).iter();
    let mut taken =
        lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let used = used.filter(|used| taken.any(|name| name == used.as_bytes()));
    request.remove(ACCEPT_ENCODING);
    if let Some(used) = used {
        request.insert(ACCEPT_ENCODING, used);
    }
}

/// Says what requests may be compressed with.
pub(super) fn announce(response: &mut HeaderMap) {
    response.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip,zstd,identity"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_compressed_as_the_request_is_where_the_client_takes_it() {
        for (used, takes, left) in [
            (None, &["gzip,zstd"][..], None),
            (Some("identity"), &["gzip,zstd"], None),
            (Some("gzip"), &["zstd , gzip"], Some("gzip")),
            (Some("gzip"), &["zstd", "gzip"], Some("gzip")),
            (Some("zstd"), &["gzip"], None),
            (Some("snappy"), &["snappy"], Some("snappy")),
            (Some("gzip"), &[], None),
        ] {
            let mut request = HeaderMap::new();
            for list in takes {
                request.append(ACCEPT_ENCODING, HeaderValue::from_static(list));
            }
            if let Some(used) = used {
                request.insert(ENCODING, HeaderValue::from_static(used));
            }
            answer_in_kind(&mut request);
            let found = request.get(ACCEPT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(found, left, "{used:?} {takes:?}");
        }
    }
}
