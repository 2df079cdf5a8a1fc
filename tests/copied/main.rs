//! What is copied as a command makes the same call: it is handed to a shell and run, and prints the replies that the
//! screen shows. The program's own commands are run wherever tests are; those of grpcurl by `tests/grpcurl/run`.
#![allow(clippy::unwrap_used, missing_docs, dead_code)]

#[path = "../rpc/support/papers.rs"]
mod papers;

mod echo;
mod fields;
mod refusals;
mod runs;
mod secure;
mod support;

use greeter::tui::action::Tool;

/// Each is a test for either tool.
macro_rules! with_both {
    ($($module:ident::$name:ident),* $(,)?) => {
        mod own {
            $(#[test] fn $name() { super::$module::$name(super::Tool::Greeter); })*
        }
        mod grpcurl {
            $(
                #[test]
                #[ignore = "needs grpcurl, which tests/grpcurl/run installs"]
                fn $name() { super::$module::$name(super::Tool::Grpcurl); }
            )*
        }
    };
}

with_both!(
    runs::every_kind_of_call,
    runs::names_that_a_shell_would_read,
    runs::metadata_and_secrets_in_the_environment,
    runs::a_deadline,
    runs::what_was_said_of_the_call,
    runs::sockets,
    runs::several_addresses,
    secure::tls_with_an_authority_of_ones_own,
    secure::a_certificate_for_another_name,
    secure::tls_with_nobody_trusted,
    secure::a_client_certificate,
    fields::many_fields_by_a_proto_file,
    fields::many_fields_by_a_descriptor_set,
    fields::files_by_the_names_they_were_given,
);
