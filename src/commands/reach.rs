//! What the words of the command line say of a server, of connecting to it and of calls. Nothing is opened here.

use std::{env, sync::Arc};

use http::{HeaderMap, HeaderValue, uri::Authority};

use super::Failure;
use crate::{
    certs::FileError,
    cli::{
        Connect, Typed,
        reach::{Calling, Connecting, Schema, Security},
    },
    rpc::{
        self, ChannelSettings, DEFAULT_MAX_REPLY, Identity, Keepalive, MAX_METADATA, Readiness, Target,
        TlsSettings, Trust, Wish, metadata,
    },
    schema::{Named, NamedFiles},
    text,
};

/// What the files say that were named; `None` where none was. What is wrong with them is wrong usage.
pub(super) fn named(schema: &Schema) -> Result<Option<Named>, Failure> {
    let files = files(schema);
    if files.is_empty() {
        return Ok(None);
    }
    files.read().map(Some).map_err(Failure::usage)
}

/// The files that were named.
pub(super) fn files(schema: &Schema) -> NamedFiles {
    let Schema { proto, import_path, protoset } = schema.clone();
    NamedFiles { sources: proto, import_paths: import_path, sets: protoset }
}

/// A server elsewhere and how it is connected to, as the command line has it. Files are read here, so that what is
/// wrong with them is known before anything is opened; it is wrong usage.
pub(super) fn elsewhere(
    address: &str,
    connecting: &Connecting,
) -> Result<(Target, ChannelSettings), Failure> {
    let Connecting { security, authority, user_agent, connect_timeout, keepalive_time, keepalive_timeout } =
        connecting;
    let wish = match security.tls_flag() {
        _ if security.plaintext => Wish::Plaintext,
        Some(_) => Wish::Tls,
        // A name of the server belongs to TLS, and to a plaintext proxy as well.
        None if authority.is_some() => Wish::TlsUnlessSaid,
        None => Wish::ByAddress,
    };
    let target = Target::parse(address, wish).map_err(Failure::usage)?;
    security.servername.as_deref().map_or(Ok(()), check_server_name)?;
    let defaults = ChannelSettings::default();
    let settings = ChannelSettings {
        connect_timeout: connect_timeout.unwrap_or(defaults.connect_timeout),
        tls: tls(security).map_err(Failure::usage)?,
        authority: authority.as_deref().map(read_authority).transpose()?,
        user_agent: user_agent.as_deref().map_or(Ok(defaults.user_agent), read_agent)?,
        keepalive: keepalive_time
            .map(|time| Keepalive { time, timeout: keepalive_timeout.unwrap_or(Keepalive::TIMEOUT) }),
        ..defaults
    };
    Ok((target, settings))
}

/// Reads what is typed on the screen to reach another server. What was said of the server that was named when the
/// program began (`start`) holds for that host, whatever the port, and for no other: neither is another to be
/// trusted for it nor shown who we are.
pub(super) fn typed(line: &str, start: Option<&Connect>) -> Result<(Target, ChannelSettings), String> {
    let Typed { address, connecting } = Typed::read(line).map_err(|error| error.to_string())?;
    let host = |address: &str| Target::parse(address, Wish::ByAddress);
    let target = host(&address).map_err(|error| error.to_string())?;
    let same = start.filter(|start| host(&start.address).is_ok_and(|started| target.is_on_host_of(&started)));
    let connecting = match same {
        // A scheme says as much as a flag.
        Some(start) if !address.contains("://") => connecting.over(&start.connecting),
        _ => connecting,
    };
    elsewhere(&address, &connecting).map_err(|failure| failure.to_string())
}

fn tls(security: &Security) -> Result<TlsSettings, FileError> {
    let trust = match &security.cacert {
        Some(file) => Trust::from_file(file)?,
        None if security.insecure => Trust::Anybody,
        None => Trust::System,
    };
    let identity = match (&security.cert, &security.key) {
        (Some(certificate), Some(key)) => Some(Arc::new(Identity::from_files(certificate, key)?)),
        _ => None,
    };
    Ok(TlsSettings { trust, identity, server_name: security.servername.clone() })
}

fn check_server_name(name: &str) -> Result<(), Failure> {
    if rpc::is_server_name(name) {
        return Ok(());
    }
    Err(Failure::usage(format!("--servername: \"{}\" is not a host name", text::safe(name))))
}

fn read_authority(name: &str) -> Result<Authority, Failure> {
    name.parse()
        .map_err(|_| Failure::usage(format!("--authority: \"{}\" is not a host name", text::safe(name))))
}

fn read_agent(name: &str) -> Result<HeaderValue, Failure> {
    rpc::user_agent(name).ok_or_else(|| {
        Failure::usage(format!("--user-agent: \"{}\" cannot be in a header", text::safe(name)))
    })
}

/// A variable of the environment.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// What `-H` says.
pub(super) fn metadata_of(headers: &[String]) -> Result<HeaderMap, Failure> {
    let too_many = || Failure::usage(format!("there are too many -H: {MAX_METADATA} at most are sent"));
    if headers.len() > MAX_METADATA {
        return Err(too_many());
    }
    let mut metadata = HeaderMap::new();
    for pair in headers {
        let (key, value) = metadata::parse(pair, variable).map_err(Failure::usage)?;
        metadata.try_append(key, value).map_err(|_| too_many())?;
    }
    Ok(metadata)
}

/// The largest reply that is taken, and the largest message that is sent; in bytes.
pub(super) fn sizes_of(calling: &Calling) -> (usize, Option<usize>) {
    let max_reply = calling.max_msg_sz.map_or(DEFAULT_MAX_REPLY, |bytes| bytes as usize);
    (max_reply, calling.max_send_sz.map(|bytes| bytes as usize))
}

/// What calls do where the server is not reached.
pub(super) fn readiness_of(calling: &Calling) -> Readiness {
    if calling.wait_for_ready { Readiness::WaitForReady } else { Readiness::FailFast }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cli::{Command, parse};

    fn settings(connecting: &Connecting) -> Result<ChannelSettings, Failure> {
        elsewhere("127.0.0.1:1", connecting).map(|(_, settings)| settings)
    }

    fn protected(address: &str, connecting: &Connecting) -> rpc::Security {
        elsewhere(address, connecting).unwrap_or_else(|_| panic!("{address}")).0.security()
    }

    #[test]
    fn an_authority_means_tls_unless_plaintext_was_said() {
        let authority = || Some("greeter.example".to_owned());
        let alone = Connecting { authority: authority(), ..Connecting::default() };
        for address in ["127.0.0.1:1", "unix:/a", "greeter.example:1", "https://127.0.0.1:1"] {
            assert_eq!(protected(address, &alone), rpc::Security::Tls, "{address}");
        }
        assert_eq!(protected("http://127.0.0.1:1", &alone), rpc::Security::Plaintext);
        let plaintext = Security { plaintext: true, ..Security::default() };
        let plaintext = Connecting { security: plaintext, ..alone.clone() };
        assert_eq!(protected("greeter.example:1", &plaintext), rpc::Security::Plaintext);
        let tls = Security { tls: true, ..Security::default() };
        assert_eq!(
            protected("http://127.0.0.1:1", &Connecting { security: tls, ..alone }),
            rpc::Security::Tls
        );
    }

    #[test]
    fn a_peer_is_asked_whether_it_is_there_where_that_is_wished() {
        let [time, timeout] = [30, 5].map(Duration::from_secs);
        let with = |keepalive_time, keepalive_timeout| {
            let connecting = Connecting { keepalive_time, keepalive_timeout, ..Connecting::default() };
            settings(&connecting).ok().and_then(|settings| settings.keepalive)
        };
        assert_eq!(with(None, None), None);
        assert_eq!(with(Some(time), Some(timeout)), Some(Keepalive { time, timeout }));
        assert_eq!(with(Some(time), None), Some(Keepalive { time, timeout: Duration::from_secs(20) }));
    }

    #[test]
    fn who_calls_stands_before_the_program() {
        let agent = |name: &str| {
            let connecting = Connecting { user_agent: Some(name.to_owned()), ..Connecting::default() };
            settings(&connecting).ok().map(|settings| settings.user_agent)
        };
        let said = agent("shop/2.1").unwrap_or_else(|| HeaderValue::from_static(""));
        assert_eq!(said, concat!("shop/2.1 grpc-greeter/", env!("CARGO_PKG_VERSION")));
        assert_eq!(agent("a\nb"), None);
        assert_eq!(agent(" "), None);
    }

    /// What is typed on a screen that was begun like this.
    fn way(begun: &str, line: &str) -> (Target, ChannelSettings) {
        let Command::Connect(start) = parse(begun.split(' ').map(Into::into)).unwrap() else {
            panic!("{begun}")
        };
        typed(line, Some(&start)).unwrap()
    }

    fn security(begun: &str, line: &str) -> (rpc::Security, Trust) {
        let (target, settings) = way(begun, line);
        (target.security(), settings.tls.trust)
    }

    #[test]
    fn what_was_said_of_a_host_holds_for_its_other_ports() {
        let begun = "greeter connect --insecure --authority a --connect-timeout 2 demo.test:1";
        let (target, settings) = way(begun, "demo.test:2");
        assert_eq!(target.to_string(), "demo.test:2");
        assert_eq!(settings.tls.trust, Trust::Anybody);
        assert_eq!(settings.authority.unwrap().as_str(), "a");
        assert_eq!(settings.connect_timeout, Duration::from_secs(2));
        let begun = "greeter connect --plaintext demo.test:1";
        assert_eq!(security(begun, "demo.test:2").0, rpc::Security::Plaintext);
        assert_eq!(security(begun, "demo.test:2 --insecure"), (rpc::Security::Tls, Trust::Anybody));
    }

    #[test]
    fn nothing_of_it_holds_for_another_host() {
        let begun = "greeter connect --insecure --authority a --connect-timeout 2 demo.test:1";
        let (_, settings) = way(begun, "other.test:1");
        assert_eq!(settings, ChannelSettings::default());
        assert_eq!(security("greeter connect --plaintext demo.test:1", "other.test:1").0, rpc::Security::Tls);
    }

    #[test]
    fn what_is_typed_goes_before_what_was_said() {
        let begun = "greeter connect --insecure demo.test:1";
        assert_eq!(security(begun, "demo.test:2 --plaintext").0, rpc::Security::Plaintext);
        assert_eq!(security(begun, "http://demo.test:2").0, rpc::Security::Plaintext);
        let (_, settings) = way(begun, "demo.test:2 --authority b --servername c");
        assert_eq!(settings.authority.unwrap().as_str(), "b");
        assert_eq!(settings.tls.server_name.as_deref(), Some("c"));
        assert_eq!(settings.tls.trust, Trust::Anybody);
    }

    #[test]
    fn a_server_name_that_no_certificate_can_have_is_refused_before_anything_is_opened() {
        let named = |name: &str| {
            let security = Security { servername: Some(name.to_owned()), ..Security::default() };
            settings(&Connecting { security, ..Connecting::default() })
        };
        for name in ["", "a b", "a..b", "-", "世界"] {
            let failure = named(name).unwrap_err();
            assert_eq!(failure.exit_code(), 2, "{name}");
            assert_eq!(failure.to_string(), format!("--servername: \"{name}\" is not a host name"));
        }
        for name in ["demo.test", "127.0.0.1", "::1", "my_host"] {
            assert!(named(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn files_that_are_not_there_are_refused() {
        let said = typed("demo.test:1 --cacert 'no such.pem'", None).unwrap_err();
        assert!(said.contains("no such.pem"), "{said}");
    }
}
