//! A peer over bare HTTP/2 that says whatever a test likes.

use std::{net::SocketAddr, sync::Arc, thread};

use bytes::{BufMut, Bytes, BytesMut};
use h2::{RecvStream, SendStream, server::SendResponse};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::net::{TcpListener, TcpStream};

/// What is answered to a unary call, by the bytes of its request.
pub(crate) enum Answer {
    /// A message's bytes, then OK.
    Reply(Vec<u8>),
    /// No message: this status.
    Status(u32, &'static str),
    /// A message's bytes, then OK, with metadata in the headers.
    WithMetadata(Vec<u8>, Vec<(&'static str, Vec<u8>)>),
}

type Answers = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

/// Serves on a thread of its own, to the end of the tests.
pub(crate) fn serve(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let answers: Answers = Arc::new(answers);
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { accept(TcpListener::from_std(listener).unwrap(), answers).await });
    });
    address
}

async fn accept(listener: TcpListener, answers: Answers) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&answers)));
    }
}

async fn connection(stream: TcpStream, answers: Answers) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(answer(request, respond, Arc::clone(&answers)));
    }
}

async fn answer(request: Request<RecvStream>, respond: SendResponse<Bytes>, answers: Answers) {
    let reflection = request.uri().path().contains("Reflection");
    let answer = if reflection {
        Answer::Status(12, "no reflection here")
    } else {
        answers(&name(request.into_body()).await)
    };
    // A client that went away is no fault of the test.
    let _ = send(respond, answer);
}

/// The name in the first message.
async fn name(mut body: RecvStream) -> String {
    let mut request = BytesMut::new();
    while let Some(Ok(data)) = body.data().await {
        request.extend_from_slice(&data);
    }
    // Five bytes of the frame, two of the field.
    String::from_utf8_lossy(request.get(7..).unwrap_or_default()).into_owned()
}

fn send(mut respond: SendResponse<Bytes>, answer: Answer) -> Result<(), h2::Error> {
    let mut response = Response::new(());
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    let reply = match answer {
        Answer::Status(code, message) => {
            response.headers_mut().insert("grpc-status", code.into());
            response.headers_mut().insert("grpc-message", HeaderValue::from_static(message));
            respond.send_response(response, true)?;
            return Ok(());
        }
        Answer::Reply(reply) => reply,
        Answer::WithMetadata(reply, metadata) => {
            for (key, value) in metadata {
                let value = HeaderValue::from_bytes(&value).unwrap();
                response.headers_mut().append(HeaderName::from_static(key), value);
            }
            reply
        }
    };
    let mut body: SendStream<Bytes> = respond.send_response(response, false)?;
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(u32::try_from(reply.len()).unwrap());
    frame.put_slice(&reply);
    body.send_data(frame.freeze(), false)?;
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    body.send_trailers(trailers)
}

/// A `HelloReply` with these bytes as its message, UTF-8 or not.
pub(crate) fn hello_reply(message: &[u8]) -> Vec<u8> {
    let mut reply = vec![0x0a, u8::try_from(message.len()).unwrap()];
    assert!(message.len() < 128, "one byte of length");
    reply.extend_from_slice(message);
    reply
}
