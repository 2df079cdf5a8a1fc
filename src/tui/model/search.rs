//! Lists that are narrowed by what is typed: commands, methods, services, sent lines.

use super::{Choice, Line, Model};
use crate::{
    schema::{Contract, Kind, Method},
    tui::action::{Binding, TABLE},
};

/// A list that is narrowed by what is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What is looked through.
    pub of: Searched,
    /// What is typed.
    pub query: Line,
    /// The chosen row of those found.
    pub choice: Choice,
}

/// What is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searched {
    /// Every command, then the methods and services that the server has.
    Commands,
    /// The methods of one kind, of the service in use.
    Methods(Kind),
    /// The services that can be chosen, then their methods.
    Services,
    /// The lines that were sent to the focused pane's method, the newest first.
    History,
}

/// A row of such a list.
#[derive(Debug, Clone)]
pub enum Offer {
    /// Do this.
    Command(&'static Binding),
    /// Put this method of this service into its pane.
    Method(Contract, Method),
    /// Use this service.
    Service(Contract),
    /// Put this into the line.
    Line(String),
}

impl Search {
    /// Everything of a list, the first row chosen.
    pub fn new(of: Searched) -> Self {
        Self { of, query: Line::default(), choice: Choice::default() }
    }
}

impl Model {
    /// What a list offers, found by name, by key and by what it does; the best first.
    pub fn found(&self, search: &Search) -> Vec<Offer> {
        let query = search.query.text();
        if search.of == Searched::History {
            let lines = self.focused().history_with(query);
            return lines.into_iter().map(|line| Offer::Line(line.to_owned())).collect();
        }
        let query = query.trim().to_lowercase();
        let words: Vec<&str> = query.split_whitespace().flat_map(parts).collect();
        // `greet.` is of a service's name, and no word for what a key does.
        let is_name = query.split_whitespace().any(|word| parts(word).count() > 1 || word.ends_with('.'));
        let is_wanted = |offer: &Offer| !(is_name && matches!(offer, Offer::Command(_)));
        let offers = self.offers_of(search.of).into_iter().filter(is_wanted);
        if words.is_empty() {
            let mut all: Vec<Offer> = offers.collect();
            all.sort_by_cached_key(|offer| self.place(offer));
            return all;
        }
        let mut found: Vec<(u8, Offer)> =
            offers.filter_map(|offer| offer.rank(self, &query, &words).map(|rank| (rank, offer))).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, offer)| offer).collect()
    }

    /// Where nothing is typed: what can be done, what can be called, and last what would do nothing now.
    fn place(&self, offer: &Offer) -> usize {
        match offer {
            Offer::Command(binding) => self.place_of(binding.action),
            Offer::Method(..) | Offer::Service(_) | Offer::Line(_) => usize::MAX - 1,
        }
    }

    /// The service that is not in use, if there are just two.
    pub fn other_contract(&self) -> Option<&Contract> {
        let [a, b] = self.offered.as_slice() else { return None };
        Some(if a.name() == self.contract.name() { b } else { a })
    }

    /// How many rows a list has, whatever is typed.
    pub fn offered_by(&self, of: Searched) -> usize {
        match of {
            Searched::History => self.focused().history_with("").len(),
            of => self.offers_of(of).len(),
        }
    }

    fn offers_of(&self, of: Searched) -> Vec<Offer> {
        let methods = |contract: &Contract| {
            let contract = contract.clone();
            let methods = contract.methods().to_vec();
            methods.into_iter().map(move |method| Offer::Method(contract.clone(), method))
        };
        match of {
            Searched::Commands => {
                let bindings = TABLE.iter().filter(|binding| binding.in_palette());
                let commands = bindings.filter(|binding| self.offers(binding.action)).map(Offer::Command);
                let services = self.offered.iter().cloned().map(Offer::Service);
                commands.chain(self.offered.iter().flat_map(methods)).chain(services).collect()
            }
            Searched::Methods(kind) => {
                let of_kind = |method: &Method| method.kind() == kind;
                let method = |method: &Method| Offer::Method(self.contract.clone(), method.clone());
                self.contract.methods().iter().filter(|method| of_kind(method)).map(method).collect()
            }
            Searched::Services => {
                let services = self.offered.iter().cloned().map(Offer::Service);
                services.chain(self.offered.iter().flat_map(methods)).collect()
            }
            Searched::History => Vec::new(),
        }
    }
}

impl Offer {
    /// How well a row matches: its name is what is typed, or begins with it, or one of its words does, or it contains it.
    fn rank(&self, model: &Model, query: &str, parts: &[&str]) -> Option<u8> {
        let is_named = |name: &str| name.to_lowercase() == query;
        let (short, words, key) = match self {
            Self::Command(binding) => {
                let key = binding.key_from_everywhere().unwrap_or_default();
                (binding.short.to_owned(), model.words_of(binding).to_owned(), key)
            }
            Self::Method(_, method) => {
                let kind = method.kind().title().to_owned();
                (method.name().to_owned(), method.full_name().replace('.', " ."), kind)
            }
            Self::Service(contract) => {
                let name = contract.name();
                (name.to_owned(), format!("service {}", name.replace('.', " .")), String::new())
            }
            Self::Line(line) => (line.clone(), String::new(), String::new()),
        };
        let is_it = [&short, &key].into_iter().any(|name| is_named(name))
            || matches!(self, Self::Method(_, method) if is_named(method.full_name()));
        let rank = rank(&short.to_lowercase(), &words.to_lowercase(), &key.to_lowercase(), parts)?;
        Some(if is_it { 0 } else { rank + 1 })
    }
}

/// The parts of a name as people write it, `shop.v1.Shop/Buy`; anything else is one word.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let is_name = word.contains(char::is_alphanumeric);
    word.split(move |c| is_name && matches!(c, '.' | '/')).filter(|part| !part.is_empty())
}

fn rank(short: &str, words: &str, key: &str, query: &[&str]) -> Option<u8> {
    let mut worst = 0;
    for part in query {
        let begins = |word: &str| word.trim_start_matches(['(', '.']).starts_with(part);
        let rank = if short.starts_with(part) || words.starts_with(part) {
            0
        } else if key == *part || key.split(' ').any(|key| key == *part) || words.split(' ').any(begins) {
            1
        } else if words.contains(part) || short.contains(part) || key.contains(part) {
            2
        } else {
            return None;
        };
        worst = worst.max(rank);
    }
    Some(worst)
}
