//! What a Greeter says, by the kind of call: the replies of both contracts.
//!
//! The methods are known by their kind, of which each contract has at most one, and never by their name.

use crate::schema::Kind;

/// The replies to one server-streaming call.
const NUMBERED: usize = 5;

/// What a method of this kind replies to these names, in its order. Unary and server-stream calls have one
/// name.
pub(super) fn replies<S: AsRef<str>>(kind: Kind, names: &[S]) -> Vec<String> {
    let each = names.iter().map(|name| greeting(name.as_ref()));
    match kind {
        Kind::Unary => each.take(1).collect(),
        Kind::ServerStream => each.take(1).flat_map(|greeting| numbered(&greeting)).collect(),
        Kind::ClientStream => {
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            vec![greeting(&names.join(", "))]
        }
        Kind::Bidi => each.collect(),
    }
}

fn greeting(name: &str) -> String {
    format!("Hello, {name}!")
}

fn numbered(greeting: &str) -> Vec<String> {
    (1..=NUMBERED).map(|number| format!("{greeting} Number {number}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replies_are_those_of_the_contract() {
        assert_eq!(replies(Kind::Unary, &["World"]), ["Hello, World!"]);
        let numbered = replies(Kind::ServerStream, &["World"]);
        assert_eq!(numbered.len(), 5);
        assert_eq!(numbered[0], "Hello, World! Number 1");
        assert_eq!(numbered[4], "Hello, World! Number 5");
        assert_eq!(
            replies(Kind::ClientStream, &["Alice", "Bob", "Charlie"]),
            ["Hello, Alice, Bob, Charlie!"]
        );
        assert_eq!(replies::<&str>(Kind::ClientStream, &[]), ["Hello, !"]);
        assert_eq!(replies(Kind::Bidi, &["Dave", "Eve"]), ["Hello, Dave!", "Hello, Eve!"]);
        assert!(replies::<&str>(Kind::Bidi, &[]).is_empty());
    }
}
