//! Servers that answer reflection as a test wants it, and what is asked of them.

use std::{convert::Infallible, net::SocketAddr, pin::Pin, time::Duration};

use greeter::{
    rpc::{Channel, ChannelId, ChannelSettings, Outbox, Target, Wish},
    schema::{Contract, DiscoverError, Discovery, discover},
};
use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost_types::{DescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto};
use tokio::net::TcpListener;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming, service::Routes};
use tonic_reflection::pb::v1::{
    ErrorResponse, FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest,
    ServerReflectionResponse, ServiceResponse,
    server_reflection_request::MessageRequest,
    server_reflection_response::MessageResponse,
    server_reflection_server::{ServerReflection, ServerReflectionServer},
};
use tower_service::Service;

/// Hosts services on a free port of loopback, for as long as the test's runtime lives.
pub(super) async fn host(routes: Routes) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = routes.prepare();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let routes = routes.clone();
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let mut routes = routes.clone();
                async move { Ok::<_, Infallible>(routes.call(request).await.unwrap()) }
            });
            tokio::spawn(
                http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(tcp), service),
            );
        }
    });
    address
}

pub(super) async fn ask(address: SocketAddr) -> Result<Discovery, DiscoverError> {
    let target = Target::parse(&address.to_string(), Wish::Plaintext).unwrap();
    let runtime = tokio::runtime::Handle::current();
    let channel = Channel::open(&runtime, ChannelId(1), target, ChannelSettings::default(), Outbox::new());
    tokio::time::timeout(Duration::from_secs(20), discover(&channel, &http::HeaderMap::new())).await.unwrap()
}

pub(super) fn names(discovery: &Discovery) -> Vec<&str> {
    discovery.contracts.iter().map(Contract::name).collect()
}

/// Answers as a test wants it.
#[derive(Clone)]
pub(super) struct Told<F>(F);

type Answers = Pin<Box<dyn Stream<Item = Result<ServerReflectionResponse, Status>> + Send>>;

#[tonic::async_trait]
impl<F> ServerReflection for Told<F>
where
    F: Fn(MessageRequest) -> Vec<Result<MessageResponse, Status>> + Clone + Send + Sync + 'static,
{
    type ServerReflectionInfoStream = Answers;

    async fn server_reflection_info(
        &self,
        request: Request<Streaming<ServerReflectionRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let answer = self.0.clone();
        let requests = request.into_inner().map_while(Result::ok);
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            tokio::pin!(requests);
            while let Some(request) = requests.next().await {
                for answer in answer(request.message_request.unwrap()) {
                    let is_end = answer.is_err();
                    let answer = answer.map(|response| ServerReflectionResponse {
                        message_response: Some(response),
                        ..Default::default()
                    });
                    if sender.send(answer).await.is_err() || is_end {
                        return;
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver))))
    }
}

pub(super) async fn told<F>(answer: F) -> Result<Discovery, DiscoverError>
where
    F: Fn(MessageRequest) -> Vec<Result<MessageResponse, Status>> + Clone + Send + Sync + 'static,
{
    ask(host(Routes::new(ServerReflectionServer::new(Told(answer)))).await).await
}

pub(super) fn list(names: &[&str]) -> Vec<Result<MessageResponse, Status>> {
    let service = names.iter().map(|name| ServiceResponse { name: (*name).to_owned() }).collect();
    vec![Ok(MessageResponse::ListServicesResponse(ListServiceResponse { service }))]
}

pub(super) fn files(files: &[FileDescriptorProto]) -> Vec<Result<MessageResponse, Status>> {
    let file_descriptor_proto = files.iter().map(prost::Message::encode_to_vec).collect();
    vec![Ok(MessageResponse::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto }))]
}

pub(super) fn not_found() -> Vec<Result<MessageResponse, Status>> {
    let error = ErrorResponse { error_code: 5, error_message: "no such thing".to_owned() };
    vec![Ok(MessageResponse::ErrorResponse(error))]
}

/// `package`, with a message `M` and a service `S` that takes and gives `message`.
pub(super) fn file(package: &str, message: &str, imports: &[&str]) -> FileDescriptorProto {
    let method = MethodDescriptorProto {
        name: Some("Do".to_owned()),
        input_type: Some(message.to_owned()),
        output_type: Some(message.to_owned()),
        ..Default::default()
    };
    FileDescriptorProto {
        name: Some(format!("{package}.proto")),
        package: Some(package.to_owned()),
        dependency: imports.iter().map(|name| (*name).to_owned()).collect(),
        message_type: vec![DescriptorProto { name: Some("M".to_owned()), ..Default::default() }],
        service: vec![ServiceDescriptorProto {
            name: Some("S".to_owned()),
            method: vec![method],
            ..Default::default()
        }],
        syntax: Some("proto3".to_owned()),
        ..Default::default()
    }
}

/// A server of one service `a.S`, declared by this file; it knows the others by their names.
pub(super) async fn of_files(
    first: FileDescriptorProto,
    others: Vec<FileDescriptorProto>,
) -> Result<Discovery, DiscoverError> {
    told(move |request| match request {
        MessageRequest::ListServices(_) => list(&["a.S"]),
        MessageRequest::FileContainingSymbol(_) => files(std::slice::from_ref(&first)),
        MessageRequest::FileByFilename(name) => match others.iter().find(|file| file.name() == name) {
            Some(file) => files(std::slice::from_ref(file)),
            None => not_found(),
        },
        _ => not_found(),
    })
    .await
}
