//! Asking a server what it offers.
//!
//! Source: <https://github.com/grpc/grpc/blob/master/doc/server-reflection.md>. `v1` is asked first and
//! `v1alpha` where that is not implemented: the messages are the same. All is asked on one stream, in
//! waves: the services, then the files that declare them, then the files that those import.

mod asking;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::{Duration, Instant},
};

use http::HeaderMap;
use prost_types::FileDescriptorProto;
use tonic_reflection::pb::v1::{
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use self::asking::{Answer, Asker};
use super::{
    Contract, SchemaError, Source,
    contract::from_files,
    descriptors::{self, MAX_FILES},
};
use crate::rpc::{Channel, Status};

const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
/// All of it may take this long.
const TIME: Duration = Duration::from_secs(5);
const MAX_SERVICES: usize = 1_000;

/// What a server offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Its services, but for reflection and health, in the order of their names.
    pub contracts: Vec<Contract>,
    /// Services that it lists and that cannot be used.
    pub left_out: Vec<LeftOut>,
}

/// A service that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// As the server lists it: foreign text.
    pub service: String,
    /// Why.
    pub why: SchemaError,
}

/// Why a server's services are not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// It answers neither version with anything but UNIMPLEMENTED.
    #[error("the server has no reflection")]
    NoReflection,
    /// It could not be asked, or not to the end.
    #[error("asking the server failed: {0}, {message}", message = .0.message)]
    Unavailable(Status),
    /// Its answers make no sense; how, in words.
    #[error("the server's reflection makes no sense: {0}")]
    Broken(String),
}

/// Asks the server behind `channel` what it offers. Takes at most five seconds; dropping it cancels
/// the question. Runs on a tokio runtime, the rpc room's for one.
///
/// `metadata` goes with the question: what lets a call in lets this in.
pub async fn discover(channel: &Channel, metadata: &HeaderMap) -> Result<Discovery, DiscoverError> {
    let until = Instant::now() + TIME;
    for path in PATHS {
        let mut asker = Asker::new(channel, metadata, path, until);
        match collect(&mut asker).await {
            Err(DiscoverError::NoReflection) => {}
            Err(error) => return Err(error),
            Ok(collected) => {
                asker.close();
                return collected.understood().await;
            }
        }
    }
    Err(DiscoverError::NoReflection)
}

/// What the server told.
#[derive(Default)]
struct Collected {
    services: BTreeSet<String>,
    left_out: BTreeMap<String, SchemaError>,
    files: BTreeMap<String, FileDescriptorProto>,
}

async fn collect(asker: &mut Asker<'_>) -> Result<Collected, DiscoverError> {
    let mut collected = Collected::default();
    let listed = asker.ask(&[MessageRequest::ListServices(String::new())]).await?;
    for service in services(listed)? {
        match descriptors::check_full_name(&service) {
            Ok(()) => drop(collected.services.insert(service)),
            Err(error) => drop(collected.left_out.insert(service, error)),
        }
    }
    let questions: Vec<_> =
        collected.services.iter().cloned().map(MessageRequest::FileContainingSymbol).collect();
    let answers = asker.ask(&questions).await?;
    for (service, answer) in std::mem::take(&mut collected.services).into_iter().zip(answers) {
        match collected.take_files(answer) {
            Ok(()) => drop(collected.services.insert(service)),
            Err(error) => drop(collected.left_out.insert(service, error)),
        }
    }
    let mut asked = HashSet::new();
    loop {
        let missing = collected.missing_imports(&mut asked);
        if missing.is_empty() {
            return Ok(collected);
        }
        let questions: Vec<_> = missing.into_iter().map(MessageRequest::FileByFilename).collect();
        for answer in asker.ask(&questions).await? {
            // A file that is not there is missed only where a name of it is needed.
            let _ = collected.take_files(answer);
        }
    }
}

/// The services that were listed, but for the infrastructure's own.
fn services(mut listed: Vec<Answer>) -> Result<Vec<String>, DiscoverError> {
    let broken = |how: String| Err(DiscoverError::Broken(how));
    match listed.pop() {
        Some(Ok(MessageResponse::ListServicesResponse(listed))) => {
            let names = listed.service.into_iter().map(|service| service.name);
            let names: Vec<_> = names.filter(|name| !is_infrastructure(name)).collect();
            if names.len() > MAX_SERVICES {
                return broken(format!("{} services, more than {MAX_SERVICES}", names.len()));
            }
            Ok(names)
        }
        Some(Ok(_)) => broken("it was asked for its services and answers something else".to_owned()),
        Some(Err(why)) => broken(why),
        None => broken("it does not say its services".to_owned()),
    }
}

fn is_infrastructure(service: &str) -> bool {
    ["grpc.reflection.", "grpc.health."].iter().any(|package| service.starts_with(package))
}

impl Collected {
    fn take_files(&mut self, answer: Answer) -> Result<(), SchemaError> {
        let files = match answer {
            Ok(MessageResponse::FileDescriptorResponse(files)) => files.file_descriptor_proto,
            Ok(_) => return Err(SchemaError::invalid(&"the server describes something else")),
            Err(why) => return Err(SchemaError::invalid(&format!("the server does not describe it: {why}"))),
        };
        for file in files {
            if self.files.len() == MAX_FILES {
                return Err(SchemaError::TooMany { what: "files", limit: MAX_FILES });
            }
            let file = descriptors::decode_file(&file)?;
            self.files.entry(file.name().to_owned()).or_insert(file);
        }
        Ok(())
    }

    /// Imports that are neither here nor well known nor asked for before.
    fn missing_imports(&self, asked: &mut HashSet<String>) -> Vec<String> {
        let imports = self.files.values().flat_map(|file| &file.dependency);
        let unknown =
            imports.filter(|name| !self.files.contains_key(*name) && !descriptors::is_well_known(name));
        let mut missing = Vec::new();
        for name in unknown {
            if self.files.len() + missing.len() < MAX_FILES && asked.insert(name.clone()) {
                missing.push(name.clone());
            }
        }
        missing
    }

    /// Makes contracts of it, aside: it takes the time that the server's descriptors make it take.
    async fn understood(self) -> Result<Discovery, DiscoverError> {
        let task = tokio::task::spawn_blocking(move || self.understand());
        task.await.map_err(|error| DiscoverError::Broken(error.to_string()))
    }

    fn understand(self) -> Discovery {
        let Self { services, mut left_out, files } = self;
        let mut contracts = Vec::new();
        let names = services.iter().map(String::as_str);
        for (service, contract) in from_files(files.into_values().collect(), names, Source::Reflection) {
            match contract {
                Ok(contract) => contracts.push(contract),
                Err(why) => drop(left_out.insert(service, why)),
            }
        }
        let left_out = left_out.into_iter().map(|(service, why)| LeftOut { service, why }).collect();
        Discovery { contracts, left_out }
    }
}
