//! A chosen frame's bytes beside their meaning: all of them, at any size, but no secret.

use std::io::Write;

use super::scene::{CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, Scene, fields, frame, message};

/// The call's first frame of what the server says, chosen, and its bytes.
fn answered(width: u16, height: u16, payload: &[u8]) -> Scene {
    let mut scene = Scene::new(width, height);
    scene.stage.keys("World Enter");
    let stream = scene.request(1, "World");
    scene.received(&frame(DATA, 0, stream, payload));
    scene.stage.keys("F3 Up Enter");
    scene
}

#[test]
fn a_small_frame_is_seen_whole_at_80_columns() {
    let scene = answered(80, 24, &message("Hello, Zoe! Number 3.."));
    let picture = scene.stage.picture();
    assert!(picture.contains("length 29"), "{picture}");
    assert!(picture.contains("0a 16 48 65 6c 6c 6f 2c"), "{picture}");
    assert!(picture.contains("6d 62 65 72 20 33 2e 2e"), "{picture}");
    assert!(!picture.contains("PageDown"), "{picture}");
}

#[test]
fn the_bytes_of_a_long_frame_are_reached_by_pages() {
    let text: String = ('a'..='z').cycle().take(120).collect();
    let mut scene = answered(80, 24, &message(&text));
    assert!(scene.stage.shows("rows 1 to 8 of 22 · PageUp/PageDown"), "{}", scene.stage.picture());
    assert!(!scene.stage.shows("6d 6e 6f 70"), "{}", scene.stage.picture());
    scene.stage.keys("PageDown PageDown PageDown");
    assert!(scene.stage.shows("rows 15 to 22 of 22"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("69 6a 6b 6c 6d 6e 6f 70"), "{}", scene.stage.picture());
    scene.stage.keys("PageUp PageUp PageUp");
    assert!(scene.stage.shows("rows 1 to 8 of 22"), "{}", scene.stage.picture());
    scene.stage.keys("PageDown Up Down");
    assert!(scene.stage.shows("rows 1 to 8 of 22"), "another frame begins at its top");
}

#[test]
fn a_whole_message_in_gzip_is_told_as_one_and_taken_apart() {
    let plain = message("Hello, World!");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&plain[5..]).unwrap();
    let packed = gzip.finish().unwrap();
    let payload = [&[1, 0, 0, 0, packed.len() as u8][..], &packed].concat();
    let scene = answered(120, 40, &payload);
    assert!(scene.stage.shows("1f 8b 08"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("message 1, gzip of 15 B"), "{}", scene.stage.picture());
    assert!(
        scene.stage.shows("field 1 message (length-delimited) \"Hello, World!\""),
        "{}",
        scene.stage.picture()
    );
    assert!(!scene.stage.shows("a part of"), "{}", scene.stage.picture());
}

#[test]
fn a_flag_that_grpc_has_not_is_told_as_invalid() {
    let scene = answered(120, 40, &[7, 0, 0, 0, 1, 0]);
    assert!(scene.stage.shows("message 1 · 1 B · its flag 7 is invalid"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("message 1, flag 7"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("whose flag is 7"), "{}", scene.stage.picture());
    assert!(!scene.stage.shows("compressed"), "{}", scene.stage.picture());
}

/// A request's headers in two frames, and the bytes of the second.
fn continued(pairs: &[(&str, &str)]) -> Scene {
    let mut scene = Scene::new(120, 40);
    scene.stage.keys("World Enter");
    scene.labels.label(1, 1);
    let block = fields(pairs);
    let (first, second) = block.split_at(block.len() / 2);
    scene.sent(&frame(HEADERS, END_STREAM, 1, first));
    scene.sent(&frame(CONTINUATION, END_HEADERS, 1, second));
    scene.stage.keys("F3 Up Enter");
    scene
}

#[test]
fn the_end_of_a_block_of_headers_has_its_bytes() {
    let scene = continued(&[(":method", "POST"), (":path", "/a"), ("x-a", "abcdefgh")]);
    assert!(scene.stage.shows("78 2d 61 08 61 62 63 64 65"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("the end of a block of headers"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("x-a: abcdefgh"), "{}", scene.stage.picture());
}

#[test]
fn no_part_of_a_block_of_headers_shows_a_secret_in_hex() {
    let mut scene = continued(&[("x-a", "a"), ("authorization", "hush hush hush hush")]);
    // "hush" in hex, of which the second frame has three.
    assert!(!scene.stage.shows("68 75 73 68"), "{}", scene.stage.picture());
    scene.stage.keys("Up");
    assert!(!scene.stage.shows("68 75"), "{}", scene.stage.picture());
    scene.stage.keys("Down v");
    assert!(scene.stage.shows("68 75 73 68"), "{}", scene.stage.picture());
}

#[test]
fn headers_that_nobody_can_read_show_no_secret_in_hex() {
    let block = fields(&[("cookie", "hush")]);
    // Padding longer than the frame; and a CONTINUATION of nothing.
    let padded = frame(HEADERS, END_HEADERS | 8, 1, &[&[200][..], &block].concat());
    for bytes in [padded, frame(CONTINUATION, END_HEADERS, 1, &block)] {
        let mut scene = Scene::new(120, 40);
        scene.received(&bytes);
        scene.stage.keys("F3 Up Enter");
        assert!(scene.stage.shows("malformed"), "{}", scene.stage.picture());
        assert!(!scene.stage.shows("68 75 73 68"), "{}", scene.stage.picture());
        scene.stage.keys("v");
        assert!(scene.stage.shows("68 75 73 68"), "{}", scene.stage.picture());
    }
}
