//! A method by the name that somebody typed: short, whole, or the kind of call that is meant.

use std::{collections::BTreeSet, fmt};

use super::{Contract, Discovery, Kind, LeftOut, Method, contract::built_in_among, nearest::distance};

/// How a method is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MethodName {
    /// `unary`: the method of this kind in the default service, else the only one of all services.
    OfKind(Kind),
    /// `SayHi`: of the default service, else of the one service that has it.
    Short(String),
    /// `package.Service/Method`, `/package.Service/Method` or `package.Service.Method`.
    Whole {
        /// `package.Service`.
        service: String,
        /// `Method`.
        method: String,
    },
}

/// Why a name is no method's. `Display` is one sentence with the names that come nearest; foreign text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoMethod {
    what: String,
    /// The names that come nearest; none where it is no matter of names.
    near: Option<Vec<String>>,
}

/// The most names that are offered instead.
const MAX_NEAR: usize = 3;
/// The most names that are listed where all are meant.
const MAX_LISTED: usize = 12;

impl MethodName {
    /// Reads a name. Any text is one, though perhaps no method's.
    pub fn read(text: &str) -> Self {
        if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.word() == text) {
            return Self::OfKind(kind);
        }
        let whole = text.strip_prefix('/').unwrap_or(text);
        match whole.rsplit_once('/').or_else(|| whole.rsplit_once('.')) {
            Some((service, method)) => Self::Whole { service: service.to_owned(), method: method.to_owned() },
            None => Self::Short(whole.to_owned()),
        }
    }

    /// The method of this name among what is offered.
    pub fn find(&self, offered: &[Contract]) -> Result<Method, NoMethod> {
        match self {
            Self::OfKind(kind) => of_kind(*kind, offered),
            Self::Short(name) => short(name, offered),
            Self::Whole { service, method } => whole(service, method, offered),
        }
    }
}

/// The service that is meant where none is named: a built-in one, else the only one that has methods.
fn default_of(offered: &[Contract]) -> Option<&Contract> {
    built_in_among(offered).or_else(|| {
        let mut callable = offered.iter().filter(|contract| !contract.methods().is_empty());
        callable.next().filter(|_| callable.next().is_none())
    })
}

fn of_kind(kind: Kind, offered: &[Contract]) -> Result<Method, NoMethod> {
    let default = default_of(offered);
    let among = default.map_or(offered, std::slice::from_ref);
    let methods: Vec<&Method> = among.iter().flat_map(|contract| contract.of_kind(kind)).collect();
    let (word, count) = (kind.word(), methods.len());
    Err(NoMethod::because(match (&methods[..], default) {
        ([method], _) => return Ok((*method).clone()),
        ([], _) if offered.is_empty() => "there is no service".to_owned(),
        ([], Some(service)) => format!("{} has no {word} method", service.name()),
        ([], None) => format!("no service has a {word} method"),
        (_, Some(service)) => {
            let names = listed(methods.iter().map(|method| method.name()));
            format!("{} has {count} {word} methods, name one: {names}", service.name())
        }
        (_, None) => {
            let names = listed(methods.iter().map(|method| method.full_name()));
            format!("there are {count} {word} methods, name one: {names}")
        }
    }))
}

fn short(name: &str, offered: &[Contract]) -> Result<Method, NoMethod> {
    if let Some(method) = default_of(offered).and_then(|contract| method_in(contract, name)) {
        return Ok(method);
    }
    let found: Vec<Method> = offered.iter().filter_map(|contract| method_in(contract, name)).collect();
    match &found[..] {
        [method] => Ok(method.clone()),
        [] if let Some(service) = only_one_ending(name, offered) => Err(is_service(service)),
        [] => Err(NoMethod::unknown(format!("there is no method {name}"), near_short(name, offered))),
        _ => {
            let names = listed(found.iter().map(Method::full_name));
            Err(NoMethod::because(format!("{name} is the name of several methods, name one whole: {names}")))
        }
    }
}

fn whole(service: &str, method: &str, offered: &[Contract]) -> Result<Method, NoMethod> {
    let both = format!("{service}.{method}");
    let named = |name: &str| offered.iter().find(|contract| contract.name() == name);
    let found = named(service).or_else(|| only_one_ending(service, offered));
    let among = ending(service, offered).filter(|contract| method_in(contract, method).is_some());
    let several: Vec<&Contract> = among.collect();
    if let (None, [_, _, ..]) = (found, &several[..]) {
        let names = listed(several.iter().map(|contract| contract.name()));
        return Err(NoMethod::because(format!(
            "{service} is the name of several services, name one whole: {names}"
        )));
    }
    match (found.or(several.first().copied()), named(&both)) {
        (Some(contract), _) => method_in(contract, method).ok_or_else(|| {
            let near = nearest_of(method, contract.methods().iter().map(Method::name));
            NoMethod::unknown(format!("{} has no method {method}", contract.name()), near)
        }),
        (None, Some(contract)) => Err(is_service(contract)),
        (None, None) => {
            let near = near_whole(&format!("{service}/{method}"), offered);
            Err(NoMethod::unknown(format!("there is no service {service}"), near))
        }
    }
}

/// A service stands where a method should.
fn is_service(contract: &Contract) -> NoMethod {
    let names = listed(contract.methods().iter().map(Method::name));
    NoMethod::because(format!("{} is a service, name one of its methods: {names}", contract.name()))
}

/// The services of this name in whatever package.
fn ending<'a>(name: &str, offered: &'a [Contract]) -> impl Iterator<Item = &'a Contract> {
    let end = format!(".{name}");
    offered.iter().filter(move |contract| contract.name().ends_with(&end))
}

/// The service of this name in whatever package, where there is one such.
fn only_one_ending<'a>(name: &str, offered: &'a [Contract]) -> Option<&'a Contract> {
    let mut ending = ending(name, offered);
    ending.next().filter(|_| ending.next().is_none())
}

fn method_in(contract: &Contract, name: &str) -> Option<Method> {
    contract.methods().iter().find(|method| method.name() == name).cloned()
}

impl NoMethod {
    fn because(what: impl Into<String>) -> Self {
        Self { what: what.into(), near: None }
    }

    fn unknown(what: String, near: Vec<String>) -> Self {
        Self { what, near: Some(near) }
    }
}

impl fmt::Display for NoMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let near = self.near.as_ref().map(|near| near_words(near));
        write!(f, "{}{}", self.what, near.unwrap_or_default())
    }
}

impl std::error::Error for NoMethod {}

/// Why a name is no service's. `Display` is one sentence; foreign text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoContract {
    /// Nothing is called so.
    #[error("there is no service {name}{}", near_words(.near))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What is called nearly so, the nearest first.
        near: Vec<String>,
    },
    /// Several services end so.
    #[error("{name} is ambiguous: {}", .names.join(" or "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// Some of them.
        names: Vec<String>,
    },
    /// The server lists it, and what it says of it cannot be used.
    #[error("{} cannot be called: {}", .0.service, .0.why)]
    LeftOut(LeftOut),
}

impl Discovery {
    /// The service of this name, or the only one whose name ends so.
    pub fn find(&self, name: &str) -> Result<&Contract, NoContract> {
        let name = name.trim_start_matches(['/', '.']);
        if let Some(contract) = self.contracts.iter().find(|contract| contract.name() == name) {
            return Ok(contract);
        }
        if let Some(left_out) = self.left_out.iter().find(|left_out| left_out.service == name) {
            return Err(NoContract::LeftOut(left_out.clone()));
        }
        let end = format!(".{name}");
        let ends_so: Vec<&Contract> =
            self.contracts.iter().filter(|contract| contract.name().ends_with(&end)).collect();
        let name = name.to_owned();
        let names = self.contracts.iter().map(Contract::name);
        match ends_so.as_slice() {
            [only] => Ok(only),
            [] => Err(NoContract::Unknown { near: nearest_of(&name, names), name }),
            several => {
                let names = several.iter().take(MAX_LISTED).map(|contract| contract.name().to_owned());
                Err(NoContract::Ambiguous { name, names: names.collect() })
            }
        }
    }
}

/// What stands behind a sentence about a name that nothing has.
pub(super) fn near_words(near: &[String]) -> String {
    match near {
        [] => "; `greeter list` tells what there is".to_owned(),
        near => format!("; the nearest: {}", near.join(", ")),
    }
}

/// The short names of methods, and the kinds, that come nearest to one.
fn near_short(name: &str, offered: &[Contract]) -> Vec<String> {
    let methods: BTreeSet<&str> = offered.iter().flat_map(Contract::methods).map(Method::name).collect();
    nearest_of(name, methods.into_iter().chain(Kind::ALL.map(Kind::word)))
}

/// The whole names of methods that come nearest to one: `package.Service/Method`.
fn near_whole(name: &str, offered: &[Contract]) -> Vec<String> {
    let paths: Vec<_> = offered.iter().flat_map(Contract::methods).map(Method::path).collect();
    nearest_of(name, paths.iter().map(|path| path.path().trim_start_matches('/')))
}

/// Of these names the few that come nearest to one, the nearest first. No more are compared than takes a moment.
pub(super) fn nearest_of<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    const MAX_NAMES: usize = 20_000;
    let names = names.into_iter().take(MAX_NAMES);
    let mut near: Vec<(usize, &str)> = names.map(|known| (distance(name, known), known)).collect();
    near.sort_unstable();
    let is_like = |(distance, known): &(usize, &str)| 2 * distance <= name.len().max(known.len());
    let told = near.into_iter().take(MAX_NEAR).filter(is_like);
    told.map(|(_, known)| known.to_owned()).collect()
}

fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(MAX_LISTED);
    let names: Vec<&str> = names.take(MAX_LISTED).collect();
    let names = names.join(", ");
    if more > 0 { format!("{names} and {more} more") } else { names }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Result<String, String> {
        let found = MethodName::read(name).find(Contract::built_in());
        found.map(|method| method.path().to_string()).map_err(|error| error.to_string())
    }

    /// Nothing here may know the name of a method: these are the contracts' own.
    fn names(contract: &Contract) -> Vec<String> {
        contract.methods().iter().map(|method| method.name().to_owned()).collect()
    }

    #[test]
    fn a_method_is_found_by_every_form_of_its_name() {
        for contract in Contract::built_in() {
            for method in contract.methods() {
                let path = method.path().to_string();
                for name in [&path, path.trim_start_matches('/'), method.full_name()] {
                    assert_eq!(found(name), Ok(path.clone()), "{name}");
                }
            }
        }
    }

    #[test]
    fn a_kind_and_a_short_name_mean_the_default_service_first() {
        let [default, other] = Contract::built_in() else { panic!("two are built in") };
        for kind in Kind::ALL {
            let of_kind = default.of_kind(kind).next().unwrap().path().to_string();
            assert_eq!(found(kind.word()), Ok(of_kind));
        }
        for name in names(other) {
            let in_default = names(default).contains(&name);
            let service = if in_default { default.name() } else { other.name() };
            assert_eq!(found(&name), Ok(format!("/{service}/{name}")));
        }
        let of_other = |kind: Kind| MethodName::OfKind(kind).find(std::slice::from_ref(other));
        assert_eq!(
            of_other(Kind::Bidi).unwrap_err().to_string(),
            format!("{} has no bidi method", other.name())
        );
    }

    #[test]
    fn what_is_no_method_is_told_with_the_nearest_names() {
        assert_eq!(found("unarie"), Err("there is no method unarie; the nearest: unary".to_owned()));
        let first = &Contract::built_in()[0].methods()[0];
        let wrong = format!("{}s", first.full_name());
        let said = found(&wrong).unwrap_err();
        assert!(
            said.contains(&format!("has no method {}s; the nearest: {}", first.name(), first.name())),
            "{said}"
        );
        assert!(!said.contains("unary"), "a whole name is no kind: {said}");
    }
}
