//! Asking a server what it offers.
//!
//! Source: <https://github.com/grpc/grpc/blob/master/doc/server-reflection.md>. `v1` is asked first and
//! `v1alpha` where that is not implemented: the messages are the same. All is asked on one stream, in
//! waves: the services, then the files that declare them, then the files that those import, then those
//! that extend their messages.

mod asking;
mod extensions;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, btree_map::Entry},
    fmt,
    time::{Duration, Instant},
};

use http::HeaderMap;
use prost_types::FileDescriptorProto;
use tonic_reflection::pb::v1::{
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use self::asking::{Answer, Asker};
use super::{
    Contract, Files, SchemaError, Source,
    contract::{declared_services, from_files},
    descriptors::{self, MAX_FILES},
};
use crate::rpc::{Channel, Status};

const PATHS: [(ReflectionVersion, &str); 2] = [
    (ReflectionVersion::V1, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
    (ReflectionVersion::V1Alpha, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
];
/// The most that a server is asked what it offers, all questions together.
pub const QUESTION: Duration = Duration::from_secs(5);
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

/// All that a server tells of itself, for somebody who looks.
#[derive(Debug)]
pub struct Survey {
    /// Which version of reflection told it.
    pub version: ReflectionVersion,
    /// Its services, reflection and health among them; of a symbol those that stand in its file.
    pub offered: Discovery,
    /// The files that it is made of, as they were compiled.
    pub files: Files,
}

/// A version of the reflection service. `Display` says it in a word or two: `reflection v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReflectionVersion {
    /// `grpc.reflection.v1`.
    V1,
    /// `grpc.reflection.v1alpha`, which older servers have.
    V1Alpha,
}

impl fmt::Display for ReflectionVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "reflection v1",
            Self::V1Alpha => "reflection v1alpha",
        })
    }
}

/// How much a server is asked for.
enum Wanted<'a> {
    /// What can be called: its infrastructure's services are not meant.
    Callable,
    /// All of it.
    Everything,
    /// What is called so, and what that needs.
    Symbol(&'a str),
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
    let (_, collected) = ask(channel, metadata, &Wanted::Callable).await?;
    aside(move || collected.understand()).await
}

/// Asks as [`discover`] does, for all that there is: its infrastructure too, and files whole.
pub async fn survey(channel: &Channel, metadata: &HeaderMap) -> Result<Survey, DiscoverError> {
    asked_for(channel, metadata, &Wanted::Everything).await
}

/// Asks as [`discover`] does, for the files that what is called `symbol` needs: a definition, what
/// stands in one, or a file. Where the server does not have it, `left_out` says why.
pub async fn look_up(channel: &Channel, metadata: &HeaderMap, symbol: &str) -> Result<Survey, DiscoverError> {
    asked_for(channel, metadata, &Wanted::Symbol(symbol)).await
}

async fn asked_for(
    channel: &Channel,
    metadata: &HeaderMap,
    wanted: &Wanted<'_>,
) -> Result<Survey, DiscoverError> {
    let (version, collected) = ask(channel, metadata, wanted).await?;
    aside(move || {
        let mut files = Files::canonical();
        collected.encoded.iter().for_each(|file| files.add_or_tell(file));
        Survey { version, offered: collected.understand(), files: files.with_all_well_known() }
    })
    .await
}

async fn ask(
    channel: &Channel,
    metadata: &HeaderMap,
    wanted: &Wanted<'_>,
) -> Result<(ReflectionVersion, Collected), DiscoverError> {
    let until = Instant::now() + QUESTION;
    for (version, path) in PATHS {
        let mut asker = Asker::new(channel, metadata, path, until);
        match collect(&mut asker, wanted).await {
            Err(DiscoverError::NoReflection) => {}
            Err(error) => return Err(error),
            Ok(collected) => {
                asker.close();
                return Ok((version, collected));
            }
        }
    }
    Err(DiscoverError::NoReflection)
}

/// Does what takes the time that a server's descriptors make it take.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DiscoverError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| DiscoverError::Broken(error.to_string()))
}

/// What the server told.
#[derive(Default)]
struct Collected {
    services: BTreeSet<String>,
    left_out: BTreeMap<String, SchemaError>,
    files: BTreeMap<String, FileDescriptorProto>,
    /// Imports that were asked for, there or not.
    asked: HashSet<String>,
    /// The same files as they came.
    encoded: Vec<Vec<u8>>,
}

async fn collect(asker: &mut Asker<'_>, wanted: &Wanted<'_>) -> Result<Collected, DiscoverError> {
    let mut collected = Collected::default();
    let listed = asker.ask(&[MessageRequest::ListServices(String::new())]).await?;
    let listed = services(listed)?;
    match wanted {
        Wanted::Symbol(symbol) => {
            collected.take_symbol(asker, symbol).await?;
            let beside_it = declared_services(collected.files.values()).into_keys();
            collected.services =
                beside_it.filter(|name| descriptors::check_full_name(name).is_ok()).collect();
        }
        Wanted::Everything => collected.take_services(asker, listed).await?,
        Wanted::Callable => {
            let callable = listed.into_iter().filter(|name| !is_infrastructure(name)).collect();
            collected.take_services(asker, callable).await?;
        }
    }
    follow_imports(asker, &mut collected).await?;
    extensions::collect(asker, &mut collected).await;
    Ok(collected)
}

async fn follow_imports(asker: &mut Asker<'_>, collected: &mut Collected) -> Result<(), DiscoverError> {
    loop {
        let missing = collected.missing_imports();
        if missing.is_empty() {
            return Ok(());
        }
        let questions: Vec<_> = missing.into_iter().map(MessageRequest::FileByFilename).collect();
        for answer in asker.ask(&questions).await? {
            // A file that is not there is missed only where a name of it is needed.
            let _ = collected.take_files(answer);
        }
    }
}

/// The services that were listed.
fn services(mut listed: Vec<Answer>) -> Result<Vec<String>, DiscoverError> {
    let broken = |how: String| Err(DiscoverError::Broken(how));
    match listed.pop() {
        Some(Ok(MessageResponse::ListServicesResponse(listed))) => {
            let names: Vec<_> = listed.service.into_iter().map(|service| service.name).collect();
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
    async fn take_services(
        &mut self,
        asker: &mut Asker<'_>,
        listed: Vec<String>,
    ) -> Result<(), DiscoverError> {
        let mut sound = BTreeSet::new();
        for service in listed {
            match descriptors::check_full_name(&service) {
                Ok(()) => drop(sound.insert(service)),
                Err(error) => drop(self.left_out.insert(service, error)),
            }
        }
        let questions: Vec<_> = sound.iter().cloned().map(MessageRequest::FileContainingSymbol).collect();
        let answers = asker.ask(&questions).await?;
        for (service, answer) in sound.into_iter().zip(answers) {
            match self.take_files(answer) {
                Ok(()) => drop(self.services.insert(service)),
                Err(error) => drop(self.left_out.insert(service, error)),
            }
        }
        Ok(())
    }

    /// Not every server finds the parts of a definition, so what they may stand in is asked for too.
    async fn take_symbol(&mut self, asker: &mut Asker<'_>, symbol: &str) -> Result<(), DiscoverError> {
        const ASKED: usize = 4;
        let name = symbol.trim_start_matches(['/', '.']).replace('/', ".");
        let outwards = std::iter::successors(Some(name.as_str()), |name| Some(name.rsplit_once('.')?.0));
        let mut questions: Vec<_> =
            outwards.take(ASKED).map(|name| MessageRequest::FileContainingSymbol(name.to_owned())).collect();
        questions.insert(0, MessageRequest::FileByFilename(symbol.to_owned()));
        let mut why = None;
        for answer in asker.ask(&questions).await? {
            match self.take_files(answer) {
                Ok(()) => return Ok(()),
                Err(error) => why = Some(error),
            }
        }
        self.left_out.extend(why.map(|why| (symbol.to_owned(), why)));
        Ok(())
    }

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
            let decoded = descriptors::decode_file(&file)?;
            if let Entry::Vacant(place) = self.files.entry(decoded.name().to_owned()) {
                place.insert(decoded);
                self.encoded.push(file);
            }
        }
        Ok(())
    }

    /// Imports that are neither here nor our own nor asked for before.
    fn missing_imports(&mut self) -> Vec<String> {
        let imports = self.files.values().flat_map(|file| &file.dependency);
        let unknown =
            imports.filter(|name| !self.files.contains_key(*name) && !descriptors::is_canonical(name));
        let mut missing = Vec::new();
        for name in unknown {
            if self.files.len() + missing.len() < MAX_FILES && self.asked.insert(name.clone()) {
                missing.push(name.clone());
            }
        }
        missing
    }

    /// Makes contracts of it.
    fn understand(self) -> Discovery {
        let Self { services, mut left_out, files, .. } = self;
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
