//! Files that extend messages, which no import leads to: a server is asked for them by the message.
//!
//! Many servers do not know this question, or answer it badly. Then the messages stay as they are, and
//! nothing is said: who can call a service is not kept from it.

use std::collections::HashSet;

use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use tonic_reflection::pb::v1::{
    ExtensionRequest, server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use super::{Asker, Collected, DiscoverError, follow_imports};
use crate::schema::{descriptors, names::join};

/// Messages of which the extensions are asked for.
const MAX_EXTENDED: usize = 100;
const MAX_EXTENSIONS: usize = 1_000;

/// Asks for the extensions of all messages that can have some, as far as the server tells.
pub(super) async fn collect(asker: &mut Asker<'_>, collected: &mut Collected) {
    let mut asked = HashSet::new();
    while let Some(messages) = collected.extendable(&mut asked) {
        if ask(asker, collected, messages).await.is_err() {
            return;
        }
    }
}

async fn ask(
    asker: &mut Asker<'_>,
    collected: &mut Collected,
    messages: Vec<String>,
) -> Result<(), DiscoverError> {
    let questions: Vec<_> = messages.iter().cloned().map(MessageRequest::AllExtensionNumbersOfType).collect();
    let mut files = Vec::new();
    for (message, answer) in messages.into_iter().zip(asker.ask(&questions).await?) {
        let Ok(MessageResponse::AllExtensionNumbersResponse(extensions)) = answer else { continue };
        let known = collected.extensions_of(&message);
        let unknown = extensions.extension_number.into_iter().filter(|number| !known.contains(number));
        files.extend(unknown.take(MAX_EXTENSIONS.saturating_sub(files.len())).map(|extension_number| {
            let containing_type = message.clone();
            MessageRequest::FileContainingExtension(ExtensionRequest { containing_type, extension_number })
        }));
    }
    for answer in asker.ask(&files).await? {
        let _ = collected.take_files(answer);
    }
    follow_imports(asker, collected).await
}

impl Collected {
    /// Messages that can have extensions and were not asked for; `None` where there are no more.
    fn extendable(&self, asked: &mut HashSet<String>) -> Option<Vec<String>> {
        let mut found = Vec::new();
        for file in self.files.values().filter(|file| !descriptors::is_well_known(file.name())) {
            for message in &file.message_type {
                extendable(message, file.package(), &mut found);
            }
        }
        found.retain(|message| asked.len() < MAX_EXTENDED && asked.insert(message.clone()));
        if found.is_empty() { None } else { Some(found) }
    }

    /// The numbers of a message's extensions that are known.
    fn extensions_of(&self, message: &str) -> HashSet<i32> {
        let mut numbers = HashSet::new();
        for file in self.files.values() {
            in_file(file, message, &mut numbers);
        }
        numbers
    }
}

fn extendable(message: &DescriptorProto, scope: &str, found: &mut Vec<String>) {
    let name = join(scope, message.name());
    for nested in &message.nested_type {
        extendable(nested, &name, found);
    }
    if !message.extension_range.is_empty() && descriptors::check_full_name(&name).is_ok() {
        found.push(name);
    }
}

fn in_file(file: &FileDescriptorProto, message: &str, numbers: &mut HashSet<i32>) {
    fn inside(declaring: &DescriptorProto, message: &str, numbers: &mut HashSet<i32>) {
        let extensions = declaring.extension.iter();
        numbers.extend(
            extensions.filter(|one| is_of(one.extendee(), message)).map(FieldDescriptorProto::number),
        );
        declaring.nested_type.iter().for_each(|nested| inside(nested, message, numbers));
    }
    numbers.extend(
        file.extension.iter().filter(|one| is_of(one.extendee(), message)).map(FieldDescriptorProto::number),
    );
    file.message_type.iter().for_each(|declaring| inside(declaring, message, numbers));
}

fn is_of(extendee: &str, message: &str) -> bool {
    extendee.strip_prefix('.') == Some(message)
}
