//! The decoder against RFC 7541 and against others.

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The fields as lines.
fn read(decoder: &mut Decoder, block: &[u8]) -> Result<Vec<String>, HpackError> {
    let mut lines = Vec::new();
    decoder.decode(block, |field| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        lines.push(format!("{}: {}", text(field.name), text(field.value)));
    })?;
    Ok(lines)
}

fn assert_reads(decoder: &mut Decoder, block: &str, fields: &[&str], remembered: usize) {
    assert_eq!(read(decoder, &bytes(block)).unwrap(), fields);
    assert_eq!(decoder.remembered(), remembered);
}

/// RFC 7541, appendix C.2.
#[test]
fn each_way_to_write_a_field() {
    let of = |block, field: &str, coding, remembered| {
        let mut decoder = Decoder::default();
        let mut codings = Vec::new();
        decoder.decode(&bytes(block), |field| codings.push((field.coding, field.cost.wire))).unwrap();
        assert_eq!(codings, [(coding, bytes(block).len() as u64)]);
        assert_reads(&mut Decoder::default(), block, &[field], remembered);
    };
    let key = "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572";
    of(key, "custom-key: custom-header", Coding::Remembered, 55);
    of("040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path", Coding::Literal, 0);
    of("1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret", Coding::NeverIndexed, 0);
    of("82", ":method: GET", Coding::Indexed, 0);
}

/// RFC 7541, appendix C.3 and C.4: the same requests, plain and in Huffman code.
#[test]
fn requests_of_the_rfc() {
    let plain = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    let huffman = [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    for [first, second, third] in [plain, huffman] {
        let mut decoder = Decoder::default();
        let www = ":authority: www.example.com";
        assert_reads(&mut decoder, first, &[":method: GET", ":scheme: http", ":path: /", www], 57);
        let fields = [":method: GET", ":scheme: http", ":path: /", www, "cache-control: no-cache"];
        assert_reads(&mut decoder, second, &fields, 110);
        let custom = "custom-key: custom-value";
        let fields = [":method: GET", ":scheme: https", ":path: /index.html", www, custom];
        assert_reads(&mut decoder, third, &fields, 164);
    }
}

/// RFC 7541, appendix C.5 and C.6: a table of 256 bytes, from which entries are let go.
#[test]
fn responses_of_the_rfc() {
    let plain = [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 \
         3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a \
         6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d \
         6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
    ];
    let huffman = [
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d \
         29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d \
         d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 \
         3d50 07",
    ];
    let location = "location: https://www.example.com";
    for [first, second, third] in [plain, huffman] {
        let mut decoder = Decoder::default();
        decoder.table.max = 256;
        let at = "date: Mon, 21 Oct 2013 20:13:21 GMT";
        assert_reads(&mut decoder, first, &[":status: 302", "cache-control: private", at, location], 222);
        assert_reads(&mut decoder, second, &[":status: 307", "cache-control: private", at, location], 222);
        let at = "date: Mon, 21 Oct 2013 20:13:22 GMT";
        let cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
        let gzip = "content-encoding: gzip";
        let fields = [":status: 200", "cache-control: private", at, location, gzip, cookie];
        assert_reads(&mut decoder, third, &fields, 215);
    }
}

#[test]
fn the_table_obeys_its_sizes() {
    let mut decoder = Decoder::default();
    assert_reads(&mut decoder, "400161 0162", &["a: b"], 34);
    assert_reads(&mut decoder, "be", &["a: b"], 34);
    // Resized to nothing and back, it is empty.
    assert_reads(&mut decoder, "20 3fe11f", &[], 0);
    assert_eq!(read(&mut decoder, &[0xbe]), Err(HpackError::Index));
    assert_eq!(read(&mut decoder, &bytes("3fe21f")), Err(HpackError::TableSize));
    decoder.allow(5000);
    assert_reads(&mut decoder, "3fe21f", &[], 0);
    decoder.allow(u32::MAX);
    assert_eq!(read(&mut decoder, &bytes("3fe2ff07")), Err(HpackError::TableSize));
    assert_eq!(read(&mut decoder, &bytes("82 20")), Err(HpackError::LateTableSize));
}

#[test]
fn what_is_broken_says_how() {
    for (block, error) in [
        ("80", HpackError::Index),
        ("be", HpackError::Index),
        ("ffffffffff7f", HpackError::Integer),
        ("ffffffffff01", HpackError::Integer),
        ("ff", HpackError::Cut),
        ("40", HpackError::Cut),
        ("4001", HpackError::Cut),
        ("4001 61", HpackError::Cut),
        ("4001 61 05 62", HpackError::Cut),
        ("40 81 00", HpackError::Huffman),
        ("40 84 ffffffff 00", HpackError::Huffman),
    ] {
        assert_eq!(read(&mut Decoder::default(), &bytes(block)), Err(error), "{block}");
    }
}

/// One byte stands for 4 KB, sixteen thousand times: 64 MB of text, of which none is copied.
#[test]
fn a_bomb_costs_what_its_bytes_cost() {
    let mut decoder = Decoder::default();
    let mut block = bytes("4001 61 7fcd1e");
    block.extend([b'x'; 4044]);
    decoder.decode(&block, |_| {}).unwrap();
    assert_eq!(decoder.remembered(), 4077);
    assert_is_lent(&mut decoder, "be", 4049, |field| field.value);
}

/// The same with a name of 4 KB and values without a byte, which are remembered each time or not at all.
#[test]
fn a_bomb_of_names_costs_what_its_bytes_cost() {
    for again in ["0f2f 00", "1f2f 00", "7e 00"] {
        let mut decoder = Decoder::default();
        let mut block = bytes("40 7fcd1e");
        block.extend([b'x'; 4044]);
        block.push(0);
        decoder.decode(&block, |_| {}).unwrap();
        assert_is_lent(&mut decoder, again, 4048, |field| field.name);
        assert_eq!(decoder.remembered(), 4076, "{again}");
    }
}

/// The field, sixteen thousand times, is of so many bytes of text, and each time it is those that are remembered.
fn assert_is_lent(decoder: &mut Decoder, field: &str, text: u64, part: impl Fn(Field<'_>) -> &[u8]) {
    let (mut fields, mut all, mut places) = (0, 0, std::collections::HashSet::new());
    decoder.decode(&[0xbe], |remembered| places.extend([part(remembered).as_ptr()])).unwrap();
    decoder
        .decode(&bytes(field).repeat(16_384), |field| {
            fields += 1;
            all += field.cost.text;
            places.insert(part(field).as_ptr());
        })
        .unwrap();
    assert_eq!((fields, all), (16_384, 16_384 * text), "{field}");
    assert_eq!(places.len(), 1, "{field}: it was copied");
}

/// By which it is known that a block that came before still means the same.
#[test]
fn what_changes_the_table_is_counted_and_nothing_else() {
    let mut decoder = Decoder::default();
    let mut changes = |block: &str| {
        let before = decoder.changes();
        read(&mut decoder, &bytes(block)).unwrap();
        decoder.changes() - before
    };
    assert_eq!(changes("82"), 0);
    assert_eq!(changes("040c 2f73 616d 706c 652f 7061 7468"), 0);
    assert_eq!(changes("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"), 1);
    assert_eq!(changes("be"), 0);
    assert_eq!(changes("3f 01"), 1);
}
