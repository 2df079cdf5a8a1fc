//! What every call is given, whatever its handler does: it is counted, its deadline is kept until
//! the last trailer, a panic in its handler is a status, and a size over the limit is called
//! `RESOURCE_EXHAUSTED`. The stock parts keep a deadline only until the headers, call it CANCELLED,
//! and call a large message `OUT_OF_RANGE`.
//!
//! Source: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>

use std::{
    convert::Infallible,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    FutureExt,
    future::{Either, select},
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::{Code, Status, body::Body};
use tower_service::Service;

use super::{
    compression::{announce, answer_in_kind},
    log::{CallEnd, Messages, RequestBody, Watched},
    tally::{Open, Tally},
};
use crate::text;

const GRPC_TIMEOUT: &str = "grpc-timeout";

/// Wraps the services of a server, for one connection.
#[derive(Debug, Clone)]
pub(super) struct Calls<S> {
    pub(super) services: S,
    /// The services whose calls are counted.
    pub(super) counted: &'static [&'static str],
    pub(super) tally: Arc<Tally>,
}

type Answer = Result<Response<ReplyBody>, Infallible>;

impl<S, B> hyper::service::Service<Request<B>> for Calls<S>
where
    S: Service<Request<RequestBody<B>>, Response = Response<Body>, Error = Infallible> + Clone,
    S::Future: Send + 'static,
{
    type Response = Response<ReplyBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn call(&self, request: Request<B>) -> Self::Future {
        if !request.headers().get(CONTENT_TYPE).is_some_and(|kind| text::is_grpc(kind.as_bytes())) {
            return answer_at_once(not_grpc());
        }
        let deadline = match timeout(request.headers()) {
            Ok(timeout) => timeout.map(|timeout| Box::pin(sleep(timeout))),
            Err(status) => return answer_at_once(status.into_http()),
        };
        let live = self.is_counted(request.uri().path()).then(|| self.tally.call());
        let watched = self.tally.log().begin(request.uri().path());
        let mut request = request.map(|body| watched.requests(body));
        answer_in_kind(request.headers_mut());
        // The routes are always ready: they hold no state but a shared table.
        let handler = self.services.clone().call(request);
        Box::pin(answer(AssertUnwindSafe(handler).catch_unwind(), deadline, Given { live, watched }))
    }
}

impl<S> Calls<S> {
    fn is_counted(&self, path: &str) -> bool {
        let service = path.strip_prefix('/').and_then(|path| path.split('/').next());
        service.is_some_and(|service| self.counted.contains(&service))
    }
}

/// What a call holds for as long as it is open: its place in the counts and in the log.
struct Given {
    live: Option<Open>,
    watched: Watched,
}

async fn answer<F, P>(handler: F, deadline: Option<Pin<Box<Sleep>>>, given: Given) -> Answer
where
    F: Future<Output = Result<Result<Response<Body>, Infallible>, P>> + Send + 'static,
{
    let handler = Box::pin(handler);
    let (outcome, deadline) = match deadline {
        None => (handler.await, None),
        Some(deadline) => match select(deadline, handler).await {
            Either::Left(((), _)) => {
                given.watched.end(CallEnd::Deadline);
                return Ok(whole(deadline_exceeded().into_http()));
            }
            Either::Right((outcome, deadline)) => (outcome, Some(deadline)),
        },
    };
    let Ok(Ok(response)) = outcome else {
        given.watched.end(CallEnd::Status(Code::Internal as i32));
        return Ok(whole(panicked().into_http()));
    };
    let (mut head, body) = response.into_parts();
    name_too_large(&mut head.headers);
    announce(&mut head.headers);
    see_status(&given.watched, &head.headers);
    let Given { live, watched } = given;
    let seen = Some((watched, Messages::default()));
    Ok(Response::from_parts(head, ReplyBody { rest: Some(body), deadline, seen, _live: live }))
}

fn answer_at_once(response: Response<Body>) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
    Box::pin(std::future::ready(Ok(whole(response))))
}

fn whole(response: Response<Body>) -> Response<ReplyBody> {
    response.map(|body| ReplyBody { rest: Some(body), deadline: None, seen: None, _live: None })
}

/// The reply messages and trailers of a call; the call is live until it is dropped.
///
/// While the peer takes no data the body is not asked, so a deadline that runs out meanwhile is
/// told when the peer takes data again.
pub(super) struct ReplyBody {
    /// None once the trailers were given.
    rest: Option<Body>,
    deadline: Option<Pin<Box<Sleep>>>,
    /// None where the call never was one.
    seen: Option<(Watched, Messages)>,
    _live: Option<Open>,
}

impl ReplyBody {
    fn end(&mut self, status: &Status) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.rest = None;
        let mut trailers = HeaderMap::new();
        Poll::Ready(Some(status.add_header(&mut trailers).map(|()| Frame::trailers(trailers))))
    }
}

impl http_body::Body for ReplyBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(rest) = &mut this.rest else { return Poll::Ready(None) };
        // First, so that a stream which is never pending has an end too.
        if this.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_ready()) {
            if let Some((watched, _)) = &this.seen {
                watched.end(CallEnd::Deadline);
            }
            return this.end(&deadline_exceeded());
        }
        match catch_unwind(AssertUnwindSafe(|| Pin::new(rest).poll_frame(cx))) {
            Err(_) => {
                if let Some((watched, _)) = &this.seen {
                    watched.end(CallEnd::Status(Code::Internal as i32));
                }
                this.end(&panicked())
            }
            Ok(Poll::Ready(Some(Ok(mut frame)))) => {
                if let Some(trailers) = frame.trailers_mut() {
                    name_too_large(trailers);
                    this.rest = None;
                }
                if let Some((watched, messages)) = &mut this.seen {
                    match (frame.data_ref(), frame.trailers_ref()) {
                        (Some(data), _) => watched.sent(messages, data),
                        (_, Some(trailers)) => see_status(watched, trailers),
                        _ => {}
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Ok(Poll::Ready(Some(Err(status)))) => {
                this.rest = None;
                if let Some((watched, _)) = &this.seen {
                    watched.end(CallEnd::Status(status.code() as i32));
                }
                Poll::Ready(Some(Err(status)))
            }
            Ok(other) => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}

/// The status, where these are the headers that carry it.
fn see_status(watched: &Watched, headers: &HeaderMap) {
    if let Some(code) = headers.get("grpc-status") {
        watched.end(CallEnd::Status(Code::from_bytes(code.as_bytes()) as i32));
    }
}

fn deadline_exceeded() -> Status {
    Status::deadline_exceeded("the call's deadline ran out")
}

fn panicked() -> Status {
    Status::internal("the server failed while it answered")
}

/// A request that is not gRPC gets the HTTP status that the protocol asks for.
fn not_grpc() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    response
}

fn name_too_large(headers: &mut HeaderMap) {
    const CODE: &str = "grpc-status";
    // No handler here says OUT_OF_RANGE: it is tonic's word for a message over the limit.
    if headers.get(CODE).is_some_and(|code| Code::from_bytes(code.as_bytes()) == Code::OutOfRange) {
        headers.insert(CODE, HeaderValue::from(Code::ResourceExhausted as i32));
    }
}

/// `grpc-timeout`: at most eight digits and a unit.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get(GRPC_TIMEOUT) else { return Ok(None) };
    match parse_timeout(value.as_bytes()) {
        Some(timeout) => Ok(Some(timeout)),
        None => Err(Status::internal(format!("malformed {GRPC_TIMEOUT}: {value:?}"))),
    }
}

fn parse_timeout(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if !(1..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let amount = digits.iter().fold(0, |amount, digit| amount * 10 + u64::from(digit - b'0'));
    Some(match unit {
        b'H' => Duration::from_secs(amount * 3600),
        b'M' => Duration::from_secs(amount * 60),
        b'S' => Duration::from_secs(amount),
        b'm' => Duration::from_millis(amount),
        b'u' => Duration::from_micros(amount),
        b'n' => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    type NoBody = http_body_util::Empty<Bytes>;
    use hyper::service::Service as _;

    use super::*;

    /// A service that fails: before its headers, or with its first message.
    #[derive(Debug, Clone, Copy)]
    enum Fails {
        Early,
        Late,
    }

    impl Service<Request<RequestBody<NoBody>>> for Fails {
        type Response = Response<Body>;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<RequestBody<NoBody>>) -> Self::Future {
            match self {
                Self::Early => Box::pin(async { panic!("before the headers") }),
                Self::Late => Box::pin(async { Ok(Response::new(Body::new(FailingBody))) }),
            }
        }
    }

    struct FailingBody;

    impl http_body::Body for FailingBody {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
            panic!("with the first message")
        }
    }

    fn code(headers: &HeaderMap) -> Option<Code> {
        headers.get("grpc-status").map(|code| Code::from_bytes(code.as_bytes()))
    }

    #[tokio::test]
    async fn a_handler_that_panics_answers_internal() {
        for fails in [Fails::Early, Fails::Late] {
            let tally = Arc::new(Tally::default());
            let calls = Calls { services: fails, counted: &["a.Service"], tally: Arc::clone(&tally) };
            let request = Request::post("/a.Service/Method").header(CONTENT_TYPE, "application/grpc");
            let Ok(response) = calls.call(request.body(NoBody::new()).unwrap()).await;
            let at_once = code(response.headers());
            let trailers = response.into_body().collect().await.unwrap().trailers().cloned();
            let told = at_once.or_else(|| code(&trailers.unwrap_or_default()));
            assert_eq!(told, Some(Code::Internal), "{fails:?}");
            assert_eq!((tally.counts().calls, tally.counts().live), (1, 0), "{fails:?}");
        }
    }

    #[test]
    fn a_timeout_is_up_to_eight_digits_and_a_unit() {
        assert_eq!(parse_timeout(b"1H"), Some(Duration::from_hours(1)));
        assert_eq!(parse_timeout(b"2M"), Some(Duration::from_mins(2)));
        assert_eq!(parse_timeout(b"3S"), Some(Duration::from_secs(3)));
        assert_eq!(parse_timeout(b"99999999m"), Some(Duration::from_millis(99_999_999)));
        assert_eq!(parse_timeout(b"5u"), Some(Duration::from_micros(5)));
        assert_eq!(parse_timeout(b"0n"), Some(Duration::ZERO));
        for wrong in ["", "S", "1", "1s", "-1S", "1.5S", "123456789S", "1 S"] {
            assert_eq!(parse_timeout(wrong.as_bytes()), None, "{wrong:?}");
        }
    }
}
