//! What reads foreign bytes, given bytes that nobody meant.
//!
//! Each target takes any bytes, holds its promises to them, and says in a word what came of them. Its
//! corpus lies in `corpus/`; what is run is the corpus as it is, and then mutations of it. An input that
//! comes to something new joins the pool that is mutated.
//!
//! ```text
//! cargo test --test fuzz                                   always the same cases, some seconds
//! FUZZ_SECONDS=60 cargo test --test fuzz                   a minute for each target, other cases each time
//! FUZZ_SECONDS=600 cargo test --test fuzz rows             ten minutes for one
//! ```
//!
//! `docs/testing.md` says what else can be set, and what to do with a failure.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod compression;
mod mutate;
mod peer;
mod pool;
mod run;
mod schema;
mod screen;
mod wire;
mod words;

/// A test for each target: its name, which is its corpus' too, its function, and how many cases the
/// short run has.
macro_rules! targets {
    ($($name:ident: $target:path, $cases:literal;)*) => {
        $(
            #[test]
            fn $name() {
                run::run(stringify!($name), $target, $cases);
            }
        )*

        #[test]
        fn every_target_has_a_corpus_and_every_corpus_a_target() {
            pool::assert_complete(&[$(stringify!($name)),*]);
        }
    };
}

targets! {
    rows: schema::rows, 5_000;
    walks: schema::walks, 5_000;
    lines: schema::lines, 5_000;
    descriptors: schema::descriptors, 2_000;
    editions: schema::descriptors, 2_000;
    completions: schema::completions, 3_000;
    values: schema::values, 5_000;
    sources: schema::sources, 1_000;
    details: schema::details, 5_000;
    addresses: words::addresses, 6_000;
    arguments: words::arguments, 300;
    compressed: compression::messages, 5_000;
    texts: words::texts, 5_000;
    first_words: words::first_words, 6_000;
    histories: words::histories, 600;
    keys: screen::keys, 200;
    news: screen::news, 200;
    responses: peer::responses, 300;
    frames: peer::frames, 150;
    reflection: peer::reflection, 150;
    blocks: wire::blocks, 5_000;
    connections: wire::connections, 2_000;
}
