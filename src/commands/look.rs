//! What `list` and `describe` look at, and where it is from: a server's reflection, or what is built in.

use std::{error::Error, fmt};

use super::{
    Failure,
    output::Output,
    route::{Reached, Route},
};
use crate::{
    cli::Shape,
    schema::{Contract, DiscoverError, Discovery, Files, Named, NoContract, ReflectionVersion, Survey},
};

/// What is added where a name is not found, and the server could not be asked.
pub(super) const NO_REFLECTION: &str =
    "the server has no reflection; name its schema with --proto or --protoset";

/// All that is known, or what was asked for.
pub(super) struct Known {
    pub(super) offered: Discovery,
    pub(super) files: Files,
    pub(super) origin: Origin,
}

/// Where it is known from. `Display` is the word for it in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// No server was asked.
    BuiltIn,
    /// From files that were named.
    Files,
    /// The server at this address has no reflection.
    InsteadOf(String),
    /// The server at this address said so.
    Server(ReflectionVersion, String),
}

impl Known {
    /// What the program itself brings.
    pub(super) fn built_in(origin: Origin) -> Self {
        let contracts = Contract::built_in().to_vec();
        Self { offered: Discovery { contracts, left_out: Vec::new() }, files: Files::built_in(), origin }
    }

    /// What files say.
    fn named(named: &Named) -> Self {
        Self { offered: named.offered.clone(), files: named.files(), origin: Origin::Files }
    }

    /// What a server told. One without reflection is taken for what is built in.
    pub(super) fn told(asked: Result<Survey, DiscoverError>, target: String) -> Result<Self, Failure> {
        match asked {
            Ok(Survey { version, offered, files }) => {
                Ok(Self { offered, files, origin: Origin::Server(version, target) })
            }
            Err(DiscoverError::NoReflection) => Ok(Self::built_in(Origin::InsteadOf(target))),
            Err(DiscoverError::Unavailable(status)) => Err(Failure::Status(Box::new(status))),
            Err(error @ DiscoverError::Broken(_)) => Err(Failure::undone(error)),
        }
    }

    /// Why the service of this name, or that of this method, cannot be used, where it is listed.
    pub(super) fn left_out(&self, symbol: &str) -> Option<NoContract> {
        let symbol = symbol.trim_start_matches(['/', '.']);
        let service = symbol.split('/').next()?;
        let left_out = self.offered.left_out.iter().find(|left_out| left_out.service == service)?;
        Some(NoContract::LeftOut(left_out.clone()))
    }

    /// What was asked for is not in it. Where that is not the server's word, it is said.
    pub(super) fn lacks(&self, error: impl Error + Send + Sync + 'static) -> Failure {
        match self.origin {
            Origin::InsteadOf(_) => Failure::usage(format!("{error} ({NO_REFLECTION})")),
            Origin::BuiltIn | Origin::Files | Origin::Server(..) => Failure::usage(error),
        }
    }

    /// Says where it is from, and what is missing of it. JSON says the one itself.
    pub(super) fn tell_origin(&self, shape: Shape, output: &mut Output) {
        if shape == Shape::Text {
            output.talk(&match &self.origin {
                Origin::BuiltIn => "built-in contracts; --addr asks a server".to_owned(),
                Origin::Files => "from files; no server is asked".to_owned(),
                Origin::InsteadOf(target) => {
                    format!("{target} has no reflection: these are the built-in contracts")
                }
                Origin::Server(version, target) => format!("{version} of {target}"),
            });
        }
        for why in self.files.left_out() {
            output.talk(&format!("a file cannot be read: {why}"));
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn | Self::InsteadOf(_) => f.write_str("built in"),
            Self::Files => f.write_str("file"),
            Self::Server(version, _) => version.fmt(f),
        }
    }
}

/// What files say, where some were named; else what a server says, whose way is opened and left again; else
/// what is built in.
pub(super) async fn ask(
    route: Route,
    question: impl AsyncFnOnce(&Reached, String) -> Result<Known, Failure>,
) -> Result<Known, Failure> {
    if let Some(named) = route.named() {
        return Ok(Known::named(named));
    }
    if route.is_embedded() {
        return Ok(Known::built_in(Origin::BuiltIn));
    }
    let target = route.target();
    let reached = route.in_time_to_tell().open().await?;
    let answer = question(&reached, target).await;
    reached.leave().await;
    answer
}
