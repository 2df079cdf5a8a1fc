//! Compressed requests, and replies that are compressed as they were asked, by tonic's own client.

use greeter::server::Settings;
use tonic::{Code, codec::CompressionEncoding};

use crate::{channel, client, named, open_stream, soon, start};

const BOTH: [CompressionEncoding; 2] = [CompressionEncoding::Gzip, CompressionEncoding::Zstd];

#[tokio::test]
async fn a_request_is_answered_in_its_own_compression() {
    let server = start(Settings::default()).await;
    for encoding in BOTH {
        let mut client = client(&server).await.send_compressed(encoding);
        for accepted in BOTH {
            client = client.accept_compressed(accepted);
        }
        let reply = client.say_hello(named("World")).await.unwrap();
        assert_eq!(reply.metadata().get("grpc-encoding").unwrap(), &encoding.to_string());
        assert_eq!(reply.into_inner().message, "Hello, World!");

        let (names, requests) = open_stream();
        let mut replies = client.say_hello_bi_di_streaming(requests).await.unwrap().into_inner();
        for (name, greeting) in [("Dave", "Hello, Dave!"), ("Eve", "Hello, Eve!")] {
            names.send(named(name)).await.unwrap();
            assert_eq!(soon(replies.message()).await.unwrap().unwrap().message, greeting);
        }
    }
}

#[tokio::test]
async fn a_plain_request_is_answered_plainly_though_the_client_takes_more() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await.accept_compressed(CompressionEncoding::Gzip);
    let reply = client.say_hello(named("World")).await.unwrap();
    assert_eq!(reply.metadata().get("grpc-encoding"), None);
    assert_eq!(reply.metadata().get("grpc-accept-encoding").unwrap(), "gzip,zstd,identity");
}

#[tokio::test]
async fn a_client_that_takes_no_compression_is_answered_plainly() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await.send_compressed(CompressionEncoding::Gzip);
    let reply = client.say_hello(named("World")).await.unwrap();
    assert_eq!(reply.metadata().get("grpc-encoding"), None);
    assert_eq!(reply.into_inner().message, "Hello, World!");
}

#[tokio::test]
async fn health_and_reflection_take_compressed_requests_too() {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    let server = start(Settings::default()).await;
    let mut client = HealthClient::new(channel(&server).await).send_compressed(CompressionEncoding::Zstd);
    client.check(HealthCheckRequest { service: String::new() }).await.unwrap();
}

#[tokio::test]
async fn a_name_that_unpacks_too_large_is_resource_exhausted() {
    let server = start(Settings::default()).await;
    for encoding in BOTH {
        let mut client = client(&server).await.send_compressed(encoding);
        let status = client.say_hello(named(&"a".repeat(64 << 20))).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    }
}
