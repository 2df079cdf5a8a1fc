//! Reflection and health, as their protocols say.

use std::time::Duration;

use futures_util::stream;
use greeter::server::Settings;
use prost::Message;
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{channel, soon, start};

const SERVICES: [&str; 5] = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "hello.Greeter",
    "helloworld.Greeter",
];

/// Both versions of reflection have the same messages under different names.
macro_rules! reflection_tests {
    ($version:ident) => {
        mod $version {
            use tonic_reflection::pb::$version::{
                ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
            };

            use super::*;

            async fn ask(question: MessageRequest) -> MessageResponse {
                let server = start(Settings::default()).await;
                let mut client = ServerReflectionClient::new(channel(&server).await);
                let request =
                    ServerReflectionRequest { host: String::new(), message_request: Some(question) };
                let answers = client.server_reflection_info(stream::iter([request])).await.unwrap();
                soon(answers.into_inner().message()).await.unwrap().unwrap().message_response.unwrap()
            }

            #[tokio::test]
            async fn every_service_is_listed() {
                let answer = ask(MessageRequest::ListServices(String::new())).await;
                let MessageResponse::ListServicesResponse(list) = answer else { panic!("{answer:?}") };
                let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
                names.sort();
                assert_eq!(names, SERVICES);
            }

            #[tokio::test]
            async fn a_method_leads_to_its_file() {
                let question = MessageRequest::FileContainingSymbol("hello.Greeter.LotsOfReplies".to_owned());
                let answer = ask(question).await;
                let MessageResponse::FileDescriptorResponse(files) = answer else { panic!("{answer:?}") };
                let file =
                    prost_types::FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice());
                assert_eq!(file.unwrap().name(), "hello.proto");
            }
        }
    };
}

reflection_tests!(v1);
reflection_tests!(v1alpha);

fn about(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn the_server_and_each_service_are_healthy() {
    let server = start(Settings::default()).await;
    let mut health = HealthClient::new(channel(&server).await);
    for service in ["", "helloworld.Greeter", "hello.Greeter"] {
        let answer = health.check(about(service)).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service:?}");
    }
    let unknown = health.check(about("no.Such")).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn a_watcher_is_told_when_the_server_drains() {
    let server = start(Settings::default()).await;
    let mut health = HealthClient::new(channel(&server).await);
    let mut answers = health.watch(about("hello.Greeter")).await.unwrap().into_inner();
    let first = soon(answers.message()).await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);
    let stopping = tokio::spawn(server.stop(Duration::from_hours(1)));
    let last = soon(answers.message()).await.unwrap().unwrap();
    assert_eq!(last.status(), ServingStatus::NotServing);
    assert_eq!(soon(answers.message()).await.unwrap(), None);
    soon(stopping).await.unwrap();
}

#[tokio::test]
async fn watching_an_unknown_service_says_so_and_stays_open() {
    let server = start(Settings::default()).await;
    let mut health = HealthClient::new(channel(&server).await);
    let mut answers = health.watch(about("no.Such")).await.unwrap().into_inner();
    let first = soon(answers.message()).await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::ServiceUnknown);
    // The stream is open still: the call after it on the same connection is answered first.
    tokio::select! {
        biased;
        end = answers.message() => panic!("{end:?}"),
        check = health.check(about("")) => assert_eq!(check.unwrap().into_inner().status(), ServingStatus::Serving),
    }
}

#[tokio::test]
async fn calls_of_the_other_services_are_not_counted() {
    let server = start(Settings::default()).await;
    let mut health = HealthClient::new(channel(&server).await);
    health.check(about("")).await.unwrap();
    assert_eq!((server.counts().calls, server.counts().connections), (0, 1));
}
