//! What the Greeter says: one set of answers, given under both contracts.

use std::{pin::Pin, sync::Arc};

use futures_util::{Stream, StreamExt, stream};
use tokio::{
    select,
    sync::watch,
    time::{Instant, sleep_until},
};
use tonic::{Request, Response, Status, Streaming};

use super::{Settings, proto, tally::Tally};

/// Names that one greeting may hold, in bytes: the greeting still fits the 4 MiB that a gRPC
/// client receives by default.
pub(super) const MAX_NAMES: usize = (4 << 20) - 64;

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Answers the calls of both contracts. Clones share settings and counters.
#[derive(Debug, Clone)]
pub(super) struct Greeter {
    pub(super) settings: watch::Receiver<Settings>,
    pub(super) tally: Arc<Tally>,
}

impl Greeter {
    fn once<T>(&self, name: &str, reply: fn(String) -> T) -> Response<T> {
        self.tally.reply();
        Response::new(reply(greeting(name)))
    }

    fn numbered<T: 'static>(&self, name: &str, reply: fn(String) -> T) -> Response<Replies<T>> {
        let greeting = greeting(name);
        let tally = Arc::clone(&self.tally);
        let total = self.settings.borrow().replies;
        let state = (0_u32, self.settings.clone());
        let numbers = stream::unfold(state, move |(given, mut settings)| async move {
            if given == total {
                return None;
            }
            if given > 0 {
                pause(&mut settings).await;
            }
            Some((given + 1, (given + 1, settings)))
        });
        let replies = numbers.map(move |number| {
            tally.reply();
            Ok(reply(format!("{greeting} Number {number}")))
        });
        Response::new(replies.boxed())
    }

    async fn together<Q, T>(
        &self,
        mut requests: Streaming<Q>,
        name: fn(Q) -> String,
        reply: fn(String) -> T,
    ) -> Result<Response<T>, Status> {
        let mut names: Option<String> = None;
        while let Some(request) = requests.message().await? {
            names = Some(match names.take() {
                None => name(request),
                Some(names) => names + ", " + &name(request),
            });
            if names.as_ref().is_some_and(|names| names.len() > MAX_NAMES) {
                return Err(Status::resource_exhausted(format!(
                    "the names are too long for one reply, {MAX_NAMES} bytes are taken"
                )));
            }
        }
        Ok(self.once(&names.unwrap_or_default(), reply))
    }

    fn each<Q: 'static, T: 'static>(
        &self,
        requests: Streaming<Q>,
        name: fn(Q) -> String,
        reply: fn(String) -> T,
    ) -> Response<Replies<T>> {
        let tally = Arc::clone(&self.tally);
        let replies = requests.map(move |request| {
            let greeting = greeting(&name(request?));
            tally.reply();
            Ok(reply(greeting))
        });
        Response::new(replies.boxed())
    }
}

fn greeting(name: &str) -> String {
    format!("Hello, {name}!")
}

/// Waits between two replies, by the interval as it is and as it becomes meanwhile.
async fn pause(settings: &mut watch::Receiver<Settings>) {
    // A stream without a pause does not touch the clock.
    if settings.borrow().interval.is_zero() {
        return;
    }
    let began = Instant::now();
    loop {
        let interval = settings.borrow_and_update().interval;
        let Some(until) = began.checked_add(interval) else { return };
        select! {
            () = sleep_until(until) => return,
            changed = settings.changed() => if changed.is_err() { return },
        }
    }
}

mod helloworld {
    use super::{Greeter, Replies, Request, Response, Status, Streaming, proto::helloworld as contract};
    use contract::{HelloReply, HelloRequest};

    fn name(request: HelloRequest) -> String {
        request.name
    }

    fn reply(message: String) -> HelloReply {
        HelloReply { message }
    }

    #[tonic::async_trait]
    impl contract::greeter_server::Greeter for Greeter {
        async fn say_hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
            Ok(self.once(&request.into_inner().name, reply))
        }

        type SayHelloServerStreamingStream = Replies<HelloReply>;

        async fn say_hello_server_streaming(
            &self,
            request: Request<HelloRequest>,
        ) -> Result<Response<Replies<HelloReply>>, Status> {
            Ok(self.numbered(&request.into_inner().name, reply))
        }

        async fn say_hello_client_streaming(
            &self,
            request: Request<Streaming<HelloRequest>>,
        ) -> Result<Response<HelloReply>, Status> {
            self.together(request.into_inner(), name, reply).await
        }

        type SayHelloBiDiStreamingStream = Replies<HelloReply>;

        async fn say_hello_bi_di_streaming(
            &self,
            request: Request<Streaming<HelloRequest>>,
        ) -> Result<Response<Replies<HelloReply>>, Status> {
            Ok(self.each(request.into_inner(), name, reply))
        }
    }
}

mod hello {
    use super::{Greeter, Replies, Request, Response, Status, Streaming, proto::hello as contract};
    use contract::{HelloReply, HelloRequest};

    fn name(request: HelloRequest) -> String {
        request.name
    }

    fn reply(reply: String) -> HelloReply {
        HelloReply { reply }
    }

    #[tonic::async_trait]
    impl contract::greeter_server::Greeter for Greeter {
        async fn say_hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
            Ok(self.once(&request.into_inner().name, reply))
        }

        type LotsOfRepliesStream = Replies<HelloReply>;

        async fn lots_of_replies(
            &self,
            request: Request<HelloRequest>,
        ) -> Result<Response<Replies<HelloReply>>, Status> {
            Ok(self.numbered(&request.into_inner().name, reply))
        }

        async fn lots_of_greetings(
            &self,
            request: Request<Streaming<HelloRequest>>,
        ) -> Result<Response<HelloReply>, Status> {
            self.together(request.into_inner(), name, reply).await
        }
    }
}
