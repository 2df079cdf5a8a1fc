//! Questions and answers on one stream.
//!
//! Answers come in the order of the questions, so several are under way at once. Some servers end
//! the stream where they should answer that something is not there: the question counts as answered
//! with that, and the rest is asked on another stream.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, uri::PathAndQuery};
use prost::Message as _;
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, ServerReflectionResponse, server_reflection_request::MessageRequest,
    server_reflection_response::MessageResponse,
};

use super::DiscoverError;
use crate::rpc::{
    CallEvent, CallHandle, CallId, CallSpec, Cause, Channel, Code, Origin, Outbox, Requests, Status, What,
};

/// Questions under way at once.
const WINDOW: usize = 32;
const MAX_STREAMS: usize = 16;
const MAX_ANSWER: usize = 4 << 20;
/// All answers together, in bytes.
const MAX_ANSWERS: usize = 16 << 20;

/// What the server answered, or in its words why it did not.
pub(super) type Answer = Result<MessageResponse, String>;

/// Asks one version of the service.
pub(super) struct Asker<'a> {
    channel: &'a Channel,
    metadata: &'a HeaderMap,
    path: &'static str,
    until: Instant,
    stream: Option<Stream>,
    streams: usize,
    bytes: usize,
    answers: usize,
}

struct Stream {
    call: CallHandle,
    outbox: Outbox,
    sent: usize,
    answers: VecDeque<Bytes>,
    ended: Option<Status>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(
        channel: &'a Channel,
        metadata: &'a HeaderMap,
        path: &'static str,
        until: Instant,
    ) -> Self {
        Self { channel, metadata, path, until, stream: None, streams: 0, bytes: 0, answers: 0 }
    }

    /// Asks all questions; the answers are in their order.
    pub(super) async fn ask(&mut self, questions: &[MessageRequest]) -> Result<Vec<Answer>, DiscoverError> {
        let mut answers = Vec::with_capacity(questions.len());
        while answers.len() < questions.len() {
            let open = &questions[answers.len()..];
            match self.next_answer(open).await? {
                Ok(bytes) => answers.push(self.read(&bytes)?),
                Err(status) if self.streams < MAX_STREAMS => answers.push(Err(in_words(&status))),
                Err(status) => return Err(DiscoverError::Unavailable(status)),
            }
        }
        Ok(answers)
    }

    /// Half-closes, and lets the server end the stream in its own time.
    pub(super) fn close(self) {
        let Some(mut stream) = self.stream else { return };
        tokio::spawn(async move {
            stream.call.half_close();
            while stream.ended.is_none() && stream.receive().await.is_ok() {}
        });
    }

    /// The answer to the first of the open questions; or how the server ended the stream instead.
    async fn next_answer(&mut self, open: &[MessageRequest]) -> Result<Result<Bytes, Status>, DiscoverError> {
        let has_answered = self.answers > 0;
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.open(),
        };
        stream.send(open);
        loop {
            if let Some(answer) = stream.answers.pop_front() {
                stream.sent -= 1;
                self.stream = Some(stream);
                return Ok(Ok(answer));
            }
            match stream.ended.take() {
                None => stream.receive().await?,
                Some(status) if status.code == Code::Unimplemented && !has_answered => {
                    return Err(DiscoverError::NoReflection);
                }
                Some(status) if status.is_ok() => {
                    return Err(DiscoverError::Broken(
                        "it ends the stream and leaves a question open".into(),
                    ));
                }
                // The first question is for the list: without it there is nothing to go on with.
                Some(status) if has_answered && status.origin == Origin::Trailers => return Ok(Err(status)),
                Some(status) => return Err(DiscoverError::Unavailable(in_time(status))),
            }
        }
    }

    fn open(&mut self) -> Stream {
        self.streams += 1;
        let outbox = Outbox::new();
        let spec = CallSpec {
            metadata: self.metadata.clone(),
            deadline: Some(
                self.until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)),
            ),
            max_reply: MAX_ANSWER,
            ..CallSpec::new(CallId(0), PathAndQuery::from_static(self.path), Requests::Stream)
        };
        let call = self.channel.call(spec, &outbox);
        Stream { call, outbox, sent: 0, answers: VecDeque::new(), ended: None }
    }

    fn read(&mut self, bytes: &Bytes) -> Result<Answer, DiscoverError> {
        self.answers += 1;
        self.bytes += bytes.len();
        if self.bytes > MAX_ANSWERS {
            let limit = crate::text::size(MAX_ANSWERS as u64);
            return Err(DiscoverError::Broken(format!("it answers with more than {limit}")));
        }
        let response = ServerReflectionResponse::decode(bytes.clone())
            .map_err(|error| DiscoverError::Broken(error.to_string()))?;
        Ok(match response.message_response {
            Some(MessageResponse::ErrorResponse(error)) => Err(error.error_message),
            Some(response) => Ok(response),
            None => Err("an empty answer".to_owned()),
        })
    }
}

impl Stream {
    /// Sends as many of the open questions as may be under way. The first ones were sent before.
    fn send(&mut self, open: &[MessageRequest]) {
        for question in open.iter().take(WINDOW).skip(self.sent) {
            let request =
                ServerReflectionRequest { host: String::new(), message_request: Some(question.clone()) };
            // What cannot be sent is said by the stream's end.
            if self.call.send(request.encode_to_vec().into()).is_err() {
                return;
            }
            self.sent += 1;
        }
    }

    /// Waits for news.
    async fn receive(&mut self) -> Result<(), DiscoverError> {
        self.outbox.changed().await;
        for delta in self.outbox.take().calls.into_values() {
            if delta.record.let_go() > 0 {
                return Err(DiscoverError::Broken("it answers more than it is asked".to_owned()));
            }
            for entry in delta.record.entries() {
                if let What::Received(bytes) = &entry.what {
                    self.answers.push_back(bytes.clone());
                }
            }
            for event in delta.life {
                if let CallEvent::Ended { status, .. } = event {
                    self.ended = Some(status);
                }
            }
        }
        if self.answers.len() > self.sent {
            return Err(DiscoverError::Broken("it answers more than it is asked".to_owned()));
        }
        Ok(())
    }
}

/// A deadline that nobody set is the question's.
fn in_time(status: Status) -> Status {
    match status.origin {
        Origin::Here(Cause::DeadlineExceeded { after, .. }) => silent(after),
        _ => status,
    }
}

/// No answer came within so long.
pub(super) fn silent(after: Duration) -> Status {
    let cause = Cause::ReflectionSilent(after);
    Status::by(Code::DeadlineExceeded, cause)
}

fn in_words(status: &Status) -> String {
    if status.message.is_empty() { status.to_string() } else { format!("{status}, {}", status.message) }
}
