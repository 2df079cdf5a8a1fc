//! A connection between h2 and h2, recorded, and replayed in other pieces.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use greeter::wire::{
    Attention, ConnectionLog, Content, Direction, Head, Kind, Tap, Watch, WireLog, ladder, words,
};
use httlib_hpack::Decoder as Other;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::io::duplex;

/// What passed, in the pieces in which it did.
pub(crate) type Pieces = Vec<(Direction, Vec<u8>)>;

#[derive(Clone, Default)]
pub(crate) struct Record(Arc<Mutex<Pieces>>);

impl Record {
    pub(crate) fn put(&self, direction: Direction, bytes: &[u8]) {
        self.0.lock().unwrap().push((direction, bytes.to_vec()));
    }

    pub(crate) fn pieces(&self) -> Pieces {
        self.0.lock().unwrap().clone()
    }
}

impl Watch for Record {
    fn received(&mut self, bytes: &[u8]) {
        self.put(Direction::Received, bytes);
    }

    fn sent(&mut self, bytes: &[u8]) {
        self.put(Direction::Sent, bytes);
    }
}

/// Name, value.
type Fields = Vec<(String, Vec<u8>)>;

fn fields(headers: &HeaderMap) -> Fields {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

/// Headers of a call: some that come again, some that do not, some secret, and at times many.
fn headers(call: usize, many: usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: String, value: &[u8]| {
        let mut value = HeaderValue::from_bytes(value).unwrap();
        value.set_sensitive(name == "authorization");
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
    };
    put("content-type".into(), b"application/grpc");
    put("authorization".into(), b"Bearer of good tidings");
    put("x-latin".into(), b"Gr\xfc\xdfe");
    put("x-again".into(), b"the same each time");
    put("x-number".into(), call.to_string().as_bytes());
    for n in 0..many {
        put(format!("x-{n}"), "value ".repeat(1 + n % 40).trim_end().as_bytes());
    }
    headers
}

/// So many calls, and the headers of each as h2 at the other end understood them: the request's, and the
/// response's headers and trailers.
async fn conversation(calls: usize, many: impl Fn(usize) -> usize) -> (Pieces, Vec<[Fields; 3]>) {
    let record = Record::default();
    let (near, far) = duplex(1 << 20);
    let server = tokio::spawn(async move {
        let mut connection = h2::server::Builder::new()
            .max_header_list_size(1 << 20)
            .handshake::<_, Bytes>(far)
            .await
            .unwrap();
        let mut heard = Vec::new();
        while let Some(accepted) = connection.accept().await {
            let (request, mut respond) = accepted.unwrap();
            heard.push(fields(request.headers()));
            let mut response = Response::new(());
            *response.headers_mut() = request.headers().clone();
            let mut body = respond.send_response(response, false).unwrap();
            body.send_data(Bytes::from_static(b"\0\0\0\0\x03abc\0\0\0\0\0\0\0\0\0\x01d"), false).unwrap();
            let trailers = HeaderMap::from_iter([(
                HeaderName::from_static("grpc-status"),
                HeaderValue::from(heard.len()),
            )]);
            body.send_trailers(trailers).unwrap();
        }
        heard
    });
    let (mut send, connection) = h2::client::Builder::new()
        .max_header_list_size(1 << 20)
        .handshake(Tap::new(near, record.clone()))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let mut answers = Vec::new();
    for call in 0..calls {
        send = send.ready().await.unwrap();
        let mut request = Request::post("http://localhost/package.Service/Method").body(()).unwrap();
        *request.headers_mut() = headers(call, many(call));
        let (response, mut body) = send.send_request(request, false).unwrap();
        body.send_data(Bytes::from_static(b"\0\0\0\0\x02hi"), true).unwrap();
        let (head, mut body) = response.await.unwrap().into_parts();
        while let Some(data) = body.data().await {
            body.flow_control().release_capacity(data.unwrap().len()).unwrap();
        }
        answers.push([fields(&head.headers), fields(&body.trailers().await.unwrap().unwrap())]);
    }
    drop(send);
    connection.await.unwrap().unwrap();
    let heard = server.await.unwrap();
    let told = heard.into_iter().zip(answers).map(|(request, [head, trailers])| [request, head, trailers]);
    (record.pieces(), told.collect())
}

/// What the wire room makes of it.
pub(crate) fn replayed(pieces: &Pieces) -> ConnectionLog {
    let log = WireLog::new();
    log.look(Attention::Open);
    let (mut ear, labels) = log.connection();
    (1..100).for_each(|call| labels.label(2 * call - 1, call));
    for (direction, bytes) in pieces {
        match direction {
            Direction::Sent => ear.sent(bytes),
            Direction::Received => ear.received(bytes),
        }
    }
    log.take().remove(0)
}

/// All that is told, without the times.
fn told(log: &ConnectionLog) -> Vec<String> {
    let rows = log.kept.entries().map(|(number, entry)| {
        let payload = log.kept.payload(entry);
        let row = ladder::row(entry, &payload, &ladder::show_nothing);
        format!("{number} {} | {} | {payload:02x?}", &row[9..], words::of(entry, &payload))
    });
    let rows = rows.map(|row| row.split("back after").next().unwrap().to_owned());
    let summary = &log.summary;
    rows.chain([format!("{:?} {:?} {:?}", summary.windows, summary.sent.headers, summary.received.headers)])
        .collect()
}

fn headers_of(log: &ConnectionLog) -> Vec<(Direction, Fields)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    log.kept
        .entries()
        .filter_map(|(_, entry)| match entry.content() {
            Some(Content::Headers(headers)) => {
                let fields = headers.fields().map(|field| (text(field.name), field.value.to_vec()));
                let fields: Fields = fields.filter(|(name, _)| !name.starts_with(':')).collect();
                assert_eq!(headers.left_out(), 0);
                Some((entry.direction, fields))
            }
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn headers_are_what_h2_understood() {
    let (pieces, calls) = conversation(12, |call| call * 8).await;
    let log = replayed(&pieces);
    let mut ours = headers_of(&log);
    for [request, head, trailers] in calls {
        let next = |ours: &mut Vec<(Direction, Fields)>, who| {
            let place = ours.iter().position(|(direction, _)| *direction == who).unwrap();
            ours.remove(place).1
        };
        assert_eq!(next(&mut ours, Direction::Sent), request);
        assert_eq!(next(&mut ours, Direction::Received), head);
        assert_eq!(next(&mut ours, Direction::Received), trailers);
    }
    assert!(ours.is_empty());
    assert!(log.summary.received.headers.saved() > 0);
    assert!(log.summary.sent.frames(Kind::Continuation) == 0);
}

#[tokio::test]
async fn headers_are_what_another_crate_understands() {
    let (pieces, _) = conversation(8, |call| call * 12).await;
    let ours = headers_of(&replayed(&pieces));
    for who in [Direction::Sent, Direction::Received] {
        let mut other = Other::default();
        let theirs = blocks(&pieces, who).into_iter().map(|mut block| {
            let mut fields = Vec::new();
            other.decode(&mut block, &mut fields).unwrap();
            let text = |name: Vec<u8>| String::from_utf8(name).unwrap();
            let fields = fields.into_iter().map(|(name, value, _)| (text(name), value));
            fields.filter(|(name, _)| !name.starts_with(':')).collect::<Fields>()
        });
        let ours: Vec<Fields> = ours
            .iter()
            .filter(|(direction, _)| *direction == who)
            .map(|(_, fields)| fields.clone())
            .collect();
        assert_eq!(theirs.collect::<Vec<_>>(), ours, "{who:?}");
    }
}

/// The header blocks of a direction. h2 pads nothing and writes no priorities.
fn blocks(pieces: &Pieces, who: Direction) -> Vec<Vec<u8>> {
    let bytes: Vec<u8> = pieces
        .iter()
        .filter(|(direction, _)| *direction == who)
        .flat_map(|(_, bytes)| bytes.clone())
        .collect();
    let mut rest = if who == Direction::Sent { &bytes[24..] } else { &bytes[..] };
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    while let Some((head, behind)) = rest.split_first_chunk() {
        let head = Head::read(*head);
        let (payload, behind) = behind.split_at(head.length as usize);
        match head.kind {
            Kind::Headers => blocks.push(payload.to_vec()),
            Kind::Continuation => blocks.last_mut().unwrap().extend(payload),
            _ => {}
        }
        rest = behind;
    }
    blocks
}

#[tokio::test]
async fn a_connection_is_the_same_wherever_it_is_cut() {
    let (pieces, _) = conversation(3, |_| 2).await;
    let whole = told(&replayed(&pieces));
    assert!(whole.len() > 20, "{whole:#?}");
    for (number, (direction, bytes)) in pieces.iter().enumerate() {
        for cut in 1..bytes.len() {
            let mut cut_there = pieces.clone();
            cut_there[number].1.truncate(cut);
            cut_there.insert(number + 1, (*direction, bytes[cut..].to_vec()));
            assert_eq!(told(&replayed(&cut_there)), whole, "piece {number} cut at {cut}");
        }
    }
}

#[tokio::test]
async fn a_connection_is_the_same_in_pieces_of_any_size() {
    // Headers that need CONTINUATION.
    let (pieces, _) = conversation(4, |call| call * 100).await;
    let whole = told(&replayed(&pieces));
    assert!(whole.iter().any(|row| row.contains("CONTINUATION")), "{whole:#?}");
    for size in [1, 2, 3, 8, 9, 10, 100, 1000, 16_384] {
        let cut = |(direction, bytes): &(Direction, Vec<u8>)| {
            let direction = *direction;
            bytes.chunks(size).map(|piece| (direction, piece.to_vec())).collect::<Pieces>()
        };
        assert_eq!(told(&replayed(&pieces.iter().flat_map(cut).collect())), whole, "in pieces of {size}");
    }
}
