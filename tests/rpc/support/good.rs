//! A Greeter of tonic's own making, hosted by hyper: a peer that none of our code had a hand in.

use std::{convert::Infallible, net::SocketAddr, path::Path, pin::Pin, sync::Arc};

use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener},
};
use tokio_rustls::TlsAcceptor;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};
use tower_service::Service;

#[allow(clippy::all, clippy::pedantic, missing_docs, unreachable_pub)]
pub(crate) mod proto {
    include!(concat!(env!("OUT_DIR"), "/helloworld.rs"));
}

use proto::{
    HelloReply, HelloRequest,
    greeter_server::{Greeter, GreeterServer},
};

pub(crate) fn request(name: &str) -> Vec<u8> {
    HelloRequest { name: name.to_owned() }.encode_to_vec()
}

pub(crate) fn text(reply: &[u8]) -> String {
    HelloReply::decode(reply).unwrap().message
}

/// Greets. A name that is a number is how many replies a server stream has.
#[derive(Debug, Clone, Copy)]
struct Greets;

type Replies = Pin<Box<dyn Stream<Item = Result<HelloReply, Status>> + Send>>;

fn reply(message: String) -> HelloReply {
    HelloReply { message }
}

#[tonic::async_trait]
impl Greeter for Greets {
    async fn say_hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
        let metadata = request.metadata().clone();
        let name = request.into_inner().name;
        if name.is_empty() {
            return Err(Status::invalid_argument("a name, please: ä"));
        }
        let mut response = Response::new(reply(format!("Hello, {name}!")));
        if let Some(agent) = metadata.get("user-agent") {
            response.metadata_mut().insert("x-agent", agent.clone());
        }
        if let Some(timeout) = metadata.get("grpc-timeout") {
            response.metadata_mut().insert("x-timeout", timeout.clone());
        }
        Ok(response)
    }

    type SayHelloServerStreamingStream = Replies;

    async fn say_hello_server_streaming(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<Replies>, Status> {
        let name = request.into_inner().name;
        let count = name.parse().unwrap_or(5);
        let replies = (1..=count).map(move |n| Ok(reply(format!("Hello, {name}! Number {n}"))));
        Ok(Response::new(Box::pin(tokio_stream::iter(replies))))
    }

    async fn say_hello_client_streaming(
        &self,
        request: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<HelloReply>, Status> {
        let mut requests = request.into_inner();
        let mut names = Vec::new();
        while let Some(request) = requests.message().await? {
            names.push(request.name);
        }
        Ok(Response::new(reply(format!("Hello, {}!", names.join(", ")))))
    }

    type SayHelloBiDiStreamingStream = Replies;

    async fn say_hello_bi_di_streaming(
        &self,
        request: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<Replies>, Status> {
        let replies = request
            .into_inner()
            .map(|request| request.map(|request| reply(format!("Hello, {}!", request.name))));
        Ok(Response::new(Box::pin(replies)))
    }
}

/// Starts a Greeter on a free port of loopback, for as long as the test's runtime lives.
pub(crate) async fn start() -> SocketAddr {
    start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
}

/// Starts a Greeter where one was before.
pub(crate) async fn start_at(address: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tcp.set_nodelay(true).unwrap();
            tokio::spawn(greet(tcp));
        }
    });
    address
}

/// Starts a Greeter in TLS on a free port of loopback.
pub(crate) async fn start_tls(config: ServerConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tcp.set_nodelay(true).unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(tls) = acceptor.accept(tcp).await {
                    greet(tls).await;
                }
            });
        }
    });
    address
}

/// Starts one that, as some do, closes without an alert where a peer does not begin with TLS.
pub(crate) async fn start_tls_that_keeps_silent(config: ServerConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut first = [0; 1];
                if tcp.peek(&mut first).await.is_ok()
                    && first == [22]
                    && let Ok(tls) = acceptor.accept(tcp).await
                {
                    greet(tls).await;
                }
            });
        }
    });
    address
}

/// Starts a Greeter on a Unix socket.
pub(crate) fn start_unix(path: &Path) {
    let listener = UnixListener::bind(path).unwrap();
    tokio::spawn(async move {
        while let Ok((unix, _)) = listener.accept().await {
            tokio::spawn(greet(unix));
        }
    });
}

/// Greets on one connection until it ends.
async fn greet(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let service = service_fn(|request| async {
        let mut greeter = GreeterServer::new(Greets).max_decoding_message_size(usize::MAX);
        Ok::<_, Infallible>(greeter.call(request).await.unwrap())
    });
    let _ended = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(io), service).await;
}
