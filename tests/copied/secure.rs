//! TLS: whom a copied command trusts, who it is, and what it calls the server.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use greeter::{
    rpc::{ChannelSettings, Identity, TlsSettings, Trust, Wish},
    schema::Kind,
    tui::{action::Tool, shell::command},
};

use crate::{
    papers::Authority,
    support::{Serving, greet, greetings, replies, run, way},
};

/// A server in TLS, with a certificate by an authority of the test's own; and what was written for it.
struct Secure {
    serving: Serving,
    authority: PathBuf,
    client: [PathBuf; 2],
    _folders: [tempfile::TempDir; 3],
}

/// Whether a server wants a certificate of its clients.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clients {
    Anybody,
    Known,
}

fn secure(names: &[&str], clients: Clients) -> Secure {
    // A folder whose name a shell would read.
    let folder = tempfile::Builder::new().prefix("it's a $folder ").tempdir().unwrap();
    let authority = Authority::new();
    let file = folder.path().join("authority.pem");
    fs::write(&file, greeter::certs::pem("CERTIFICATE", &authority.certificate)).unwrap();
    let (own, certificate, key) = authority.sign(names).files();
    let (theirs, client, client_key) = authority.sign(&["me"]).files();
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let mut flags = vec!["--tls-cert".to_owned(), text(&certificate), "--tls-key".to_owned(), text(&key)];
    if clients == Clients::Known {
        flags.extend(["--client-ca".to_owned(), text(&file)]);
    }
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let serving = Serving::start(&flags);
    Secure { serving, authority: file, client: [client, client_key], _folders: [folder, own, theirs] }
}

impl Secure {
    fn trusted(&self) -> TlsSettings {
        TlsSettings { trust: Trust::from_file(&self.authority).unwrap(), ..TlsSettings::default() }
    }

    fn greets(&self, tool: Tool, reach: ChannelSettings) {
        let call = greet(Kind::Unary, &["World"], way(&self.serving.address, Wish::Tls, reach));
        assert_eq!(replies(tool, &call), greetings(&["Hello, World!"]));
    }
}

fn reach(tls: TlsSettings) -> ChannelSettings {
    ChannelSettings { tls, ..ChannelSettings::default() }
}

pub(crate) fn tls_with_an_authority_of_ones_own(tool: Tool) {
    let secure = secure(&["127.0.0.1"], Clients::Anybody);
    secure.greets(tool, reach(secure.trusted()));
    // It is not the tool's trust in everybody that made it work.
    let strangers = reach(TlsSettings::default());
    let call = greet(Kind::Unary, &["World"], way(&secure.serving.address, Wish::Tls, strangers));
    let ran = run(&command(tool, &call, None).unwrap(), &std::env::temp_dir());
    assert_ne!(ran.code, Some(0), "{}", ran.stdout);
}

pub(crate) fn a_certificate_for_another_name(tool: Tool) {
    let secure = secure(&["greeter.example"], Clients::Anybody);
    let named = TlsSettings { server_name: Some("greeter.example".to_owned()), ..secure.trusted() };
    secure.greets(tool, reach(named.clone()));
    let authority = Some("greeter.example".parse().unwrap());
    secure.greets(tool, ChannelSettings { authority: authority.clone(), ..reach(secure.trusted()) });
    let connect_timeout = Duration::from_millis(7_500);
    secure.greets(tool, ChannelSettings { authority, connect_timeout, ..reach(named) });
}

pub(crate) fn tls_with_nobody_trusted(tool: Tool) {
    let secure = secure(&["greeter.example"], Clients::Known);
    let [certificate, key] = &secure.client;
    let identity = Some(Arc::new(Identity::from_files(certificate, key).unwrap()));
    let anybody =
        TlsSettings { trust: Trust::Anybody, identity, server_name: Some("other.example".to_owned()) };
    secure.greets(tool, reach(anybody.clone()));
    let authority = Some("greeter.example:443".parse().unwrap());
    secure.greets(tool, ChannelSettings { authority, ..reach(anybody) });
}

pub(crate) fn a_client_certificate(tool: Tool) {
    let secure = secure(&["127.0.0.1"], Clients::Known);
    let [certificate, key] = &secure.client;
    let identity = Some(Arc::new(Identity::from_files(certificate, key).unwrap()));
    secure.greets(tool, reach(TlsSettings { identity, ..secure.trusted() }));
}
