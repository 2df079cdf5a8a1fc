//! What is printed of a call: its replies, or a JSON object for every event (`docs/json.md`).

mod events;
mod words;

use crate::{
    cli::Form,
    commands::output::{Output, exit_code, status_line},
    compression::Agreement,
    rpc::{CallEvent, CallId, Code, Counts, Entry, Happened, Status, What},
    schema::{Method, Source, Unreadable},
    text::Secrets,
};

/// A call as it is told of.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) id: CallId,
    pub(super) method: Method,
    /// Where the method is known from.
    pub(super) source: Source,
    /// Which server: an address, or `embedded`.
    pub(super) target: String,
    /// The one request, where the method has one.
    pub(super) request: Option<bytes::Bytes>,
}

/// How a call ended, and what the program exits with for it.
pub(super) struct Outcome {
    pub(super) status: Status,
    pub(super) code: u8,
}

/// What the program exits with for a call that ended well, and of which something came that a client fails at.
const UNSOUND: u8 = 1;

/// How much is printed, and in which form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) form: Form,
    /// Whether what lies around the replies is printed too.
    pub(super) is_verbose: bool,
    /// Whether secrets are printed too.
    pub(super) secrets: Secrets,
}

/// Prints one call.
pub(super) struct Report {
    subject: Subject,
    style: Style,
    counts: Counts,
    agreement: Agreement,
    is_unreadable: bool,
    /// Whether it was looked if the server has the method that is built in.
    is_compared: bool,
}

impl Report {
    pub(super) fn begin(subject: Subject, style: Style, output: &mut Output) -> Self {
        let counts = Counts::default();
        let agreement = Agreement::default();
        let report = Self { subject, style, counts, agreement, is_unreadable: false, is_compared: false };
        if let Form::Events = style.form {
            output.data(&events::start(&report.subject));
        }
        report
    }

    /// Prints what happened. Says how the call ended, where it did.
    pub(super) fn tell(&mut self, happened: Happened, output: &mut Output) -> Option<Outcome> {
        let event = match happened {
            Happened::Entry(entry) => {
                self.entry(&entry, output);
                return None;
            }
            Happened::Event(event) => event,
        };
        self.event(&event, output);
        let CallEvent::Ended { status, .. } = event else { return None };
        let code = match exit_code(&status) {
            0 if self.is_unreadable || self.miscounted().is_some() => UNSOUND,
            code => code,
        };
        Some(Outcome { status, code })
    }

    fn miscounted(&self) -> Option<String> {
        self.subject.method.kind().miscounted(self.counts.received)
    }

    fn entry(&mut self, entry: &Entry, output: &mut Output) {
        self.counts.add(entry);
        match (&entry.what, self.style.form) {
            (What::Received(bytes), form) => {
                if let Err(why) = match form {
                    Form::Replies => words::reply(&self.subject, self.style, entry.at, bytes, output),
                    Form::Events => events::reply(&self.subject, entry.at, bytes, output),
                } {
                    self.is_unreadable = true;
                    output.talk(&format!("greeter: {}", self.unreadable(&why)));
                }
                self.compare(bytes, output);
            }
            _ if !self.style.is_verbose => {}
            (what, Form::Replies) => words::sent(what, entry.at, output),
            (what, Form::Events) => events::sent(&self.subject, what, entry.at, output),
        }
    }

    /// Says that a server's method is not the one that is built in, where its first reply shows it.
    fn compare(&mut self, reply: &[u8], output: &mut Output) {
        let reply_type = self.subject.method.reply();
        if !std::mem::replace(&mut self.is_compared, true)
            && self.subject.source == Source::BuiltIn
            && !reply_type.knows_all_of(reply)
        {
            let name = reply_type.full_name();
            output.talk(&format!(
                "greeter: the reply has fields that the built-in {name} lacks; --use-reflection asks the server for its own"
            ));
        }
    }

    fn unreadable(&self, why: &Unreadable) -> String {
        match why {
            Unreadable::Broken(_) => {
                format!("a reply is no {}: {why}", self.subject.method.reply().full_name())
            }
            // As an event it is told with its bytes.
            Unreadable::TooLong { .. }
            | Unreadable::TooDeep { .. }
            | Unreadable::Formless
            | Unreadable::OwnForms => {
                format!("a reply cannot be printed: {why}; --json prints its bytes")
            }
        }
    }

    fn event(&mut self, event: &CallEvent, output: &mut Output) {
        if let CallEvent::RequestSent { at } = event
            && let Some(request) = &self.subject.request
        {
            let entry = Entry { at: *at, what: What::Sent(request.clone()) };
            return self.entry(&entry, output);
        }
        match self.style.form {
            Form::Replies if self.style.is_verbose => {
                words::life(&self.subject, self.style, event, self.counts, output);
            }
            Form::Replies => {}
            Form::Events => {
                let fault = self.miscounted();
                events::life(&self.subject, self.style, event, self.counts, fault.as_deref(), output);
            }
        }
        match event {
            CallEvent::Started { headers, .. } => self.agreement.sent(headers),
            CallEvent::Headers { headers, .. } => self.agreement.received(headers),
            CallEvent::Ended { status, trailers, .. } => {
                if let Some(trailers) = trailers {
                    self.agreement.received(trailers);
                }
                self.ended(status, output);
            }
            _ => {}
        }
    }

    /// What went wrong is said on stderr in every form.
    fn ended(&self, status: &Status, output: &mut Output) {
        if status.is_by_you() {
            return;
        }
        if !status.is_ok() {
            output.talk(&format!("greeter: {}", status_line(status)));
            let refusal = self.agreement.refusal().filter(|_| status.may_be_of_compression());
            if let Some(refusal) = refusal {
                output.talk(&format!("greeter: {refusal}"));
            } else if status.code == Code::Unimplemented && self.subject.source == Source::BuiltIn {
                let target = &self.subject.target;
                output.talk(&format!(
                    "greeter: the method is a built-in one; `greeter list --addr {target}` tells what the server has, if it has \
                     reflection: else name its schema with --proto or --protoset"
                ));
            }
        } else if let Some(fault) = self.miscounted() {
            output.talk(&format!("greeter: {fault}"));
        }
    }
}
