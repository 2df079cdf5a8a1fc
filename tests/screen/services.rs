//! A server with services of its own: finding a service or a method, and putting it into the panes.

use greeter::{
    rpc::{Code, Origin},
    schema::{Contract, Discovery, Kind, LeftOut, SchemaError, Source},
    tui::update::{Asked, Effect, Msg},
};
use prost::Message as _;

use crate::stage::Stage;

const SHOP: &str = r#"
    syntax = "proto3";
    package shop.v1;
    message Item { string id = 1; int32 count = 2; }
    service Cart {
      rpc Add(Item) returns (Item);
      rpc Remove(Item) returns (Item);
      rpc Clear(Item) returns (Item);
      rpc Watch(Item) returns (stream Item);
    }
    service Stock {
      rpc Count(Item) returns (Item);
      rpc Import(stream Item) returns (Item);
    }
    service Till { rpc Pay(Item) returns (Item); }
    service Chat { rpc Talk(stream Item) returns (stream Item); }
"#;

/// The screen on a server whose reflection tells of a shop.
pub fn shop() -> Stage {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("shop.proto"), SHOP).unwrap();
    let files = protox::compile(["shop.proto"], [directory.path()]).unwrap();
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::Reflection).unwrap();
    let mut stage = Stage::remote(120, 36);
    stage.send(Msg::Discovered(stage.model.link.id, Asked::Found(Discovery { contracts, left_out: vec![] })));
    stage
}

fn method(stage: &Stage, kind: Kind) -> String {
    stage.model.pane(kind).method.as_ref().map(|method| method.full_name().to_owned()).unwrap_or_default()
}

#[test]
fn a_service_puts_its_methods_into_the_panes_by_kind() {
    let mut stage = shop();
    stage.keys("F2 g");
    assert!(stage.shows("Services and methods"), "{}", stage.picture());
    stage.keys("stock Enter");
    assert_eq!(stage.model.contract.name(), "shop.v1.Stock");
    assert_eq!(method(&stage, Kind::Unary), "shop.v1.Stock.Count");
    assert_eq!(method(&stage, Kind::ClientStream), "shop.v1.Stock.Import");
    assert!(stage.shows("2 Server stream · none in this service"));
    assert!(stage.shows("4 Bidi · none in this service"));
}

#[test]
fn the_list_of_services_has_their_methods_too() {
    let mut stage = shop();
    stage.keys("F2 g");
    assert!(
        stage.shows("shop.v1.Cart (reflection)") && stage.shows("Remove · shop.v1.Cart"),
        "{}",
        stage.picture()
    );
    stage.keys("import Enter");
    assert_eq!(method(&stage, Kind::ClientStream), "shop.v1.Stock.Import");
}

#[test]
fn a_pane_with_several_methods_says_so_and_lets_choose() {
    let mut stage = shop();
    stage.keys("/ cart Enter");
    assert_eq!(stage.model.contract.name(), "shop.v1.Cart");
    assert!(stage.shows("1 Unary · Add · one of 3"), "{}", stage.picture());
    stage.keys("Alt-1 Alt-m");
    for name in ["Add", "Remove", "Clear"] {
        assert!(stage.shows(name), "{}", stage.picture());
    }
    assert!(!stage.shows("Watch ·"), "only methods of the pane's kind");
    stage.keys("Down Enter");
    assert!(stage.shows("1 Unary · Remove · one of 3"), "{}", stage.picture());
    assert_eq!(stage.model.focus, Kind::Unary);
}

#[test]
fn the_palette_finds_a_method_of_another_service_and_focuses_its_pane() {
    let mut stage = shop();
    stage.keys("/ import");
    assert!(stage.shows("Import · shop.v1.Stock"), "{}", stage.picture());
    stage.keys("Enter");
    assert_eq!(stage.model.contract.name(), "shop.v1.Stock");
    assert_eq!(stage.model.focus, Kind::ClientStream);
    assert_eq!(method(&stage, Kind::ClientStream), "shop.v1.Stock.Import");
}

#[test]
fn the_palette_finds_a_method_by_its_whole_name() {
    for name in ["shop.v1.Stock/Import", "shop.v1.Stock.Import", "Stock/Import"] {
        let mut stage = shop();
        stage.keys(&format!("/ {name}"));
        assert!(stage.shows("Import · shop.v1.Stock"), "{name}\n{}", stage.picture());
        stage.keys("Enter");
        assert_eq!(method(&stage, Kind::ClientStream), "shop.v1.Stock.Import");
    }
}

#[test]
fn with_one_method_there_is_nothing_to_choose() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-m");
    assert!(stage.shows("helloworld.Greeter has one unary method"), "{}", stage.picture());
}

#[test]
fn a_chosen_method_stays_when_the_server_is_asked_again() {
    let mut stage = shop();
    stage.keys("/ clear Enter");
    assert_eq!(method(&stage, Kind::Unary), "shop.v1.Cart.Clear");
    let again = stage.model.offered.clone();
    stage.send(Msg::Discovered(
        stage.model.link.id,
        Asked::Found(Discovery { contracts: again, left_out: vec![] }),
    ));
    assert_eq!(method(&stage, Kind::Unary), "shop.v1.Cart.Clear");
}

#[test]
fn a_call_of_another_method_than_the_panes_is_named() {
    let mut stage = shop();
    stage.keys("/ cart Enter");
    stage.keys("Alt-1 {} Enter");
    stage.ok(1, 900);
    assert!(!stage.row("#1").contains("Add"), "{}", stage.picture());
    stage.keys("/ remove Enter");
    assert!(stage.row("#1").contains("Add"), "{}", stage.picture());
}

#[test]
fn the_name_of_another_method_has_room_beside_a_long_request() {
    let mut stage = shop();
    stage.keys(&format!("/ cart Enter Alt-1 {{\"id\":\"{}\"}} Enter / remove Enter", "x".repeat(200)));
    for (width, height) in [(120, 36), (80, 24), (40, 12)] {
        stage.send(Msg::Resize(width, height));
        let heading = stage.row("#1");
        assert!(heading.contains("→ {\"id") && heading.contains("  Add"), "{}", stage.picture());
    }
    stage.failed(1, 900, Code::Unimplemented, "", Origin::Trailers);
    for (width, height) in [(120, 36), (80, 24), (40, 12)] {
        stage.send(Msg::Resize(width, height));
        assert!(stage.row("#1").contains("  Add"), "{}", stage.picture());
    }
}

#[test]
fn where_no_name_is_a_request_nothing_is_begun_by_the_introduction() {
    let mut stage = shop();
    stage.keys("/ shop.v1.Chat Enter Alt-4");
    stage.asked();
    stage.keys("Ctrl-g");
    assert!(stage.asked().is_empty());
    assert!(stage.shows("shop.v1.Item is typed as JSON"), "{}", stage.picture());
}

#[test]
fn a_dotted_name_finds_services_and_no_command() {
    let mut stage = shop();
    stage.keys("/ shop.");
    assert!(!stage.shows("Send the line in all panes"), "{}", stage.picture());
    assert!(stage.shows("shop.v1.Cart"), "{}", stage.picture());
}

#[test]
fn the_service_to_begin_with_has_a_method() {
    let directory = tempfile::tempdir().unwrap();
    let source = r#"syntax = "proto3"; package a;
        service A {} service B { rpc Go(M) returns (M); } message M { string x = 1; }"#;
    std::fs::write(directory.path().join("a.proto"), source).unwrap();
    let files = protox::compile(["a.proto"], [directory.path()]).unwrap();
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::Reflection).unwrap();
    let mut stage = Stage::remote(120, 36);
    stage.send(Msg::Discovered(stage.model.link.id, Asked::Found(Discovery { contracts, left_out: vec![] })));
    assert_eq!(stage.model.contract.name(), "a.B");
}

#[test]
fn services_that_cannot_be_used_are_named_on_f2_as_long_as_the_server_is_called() {
    let mut stage = Stage::remote(120, 36);
    let left_out = |service: &str| LeftOut {
        service: service.to_owned(),
        why: SchemaError::TooMany { what: "definitions", limit: 100_000 },
    };
    let left_out = vec![left_out("shop.Large"), left_out("shop.Larger")];
    let found = Discovery { contracts: Contract::built_in().to_vec(), left_out };
    stage.send(Msg::Discovered(stage.model.link.id, Asked::Found(found)));
    let said = "shop.Large and one more cannot be used: more than";
    assert!(stage.shows("shop.Large and one more cannot be used"), "{}", stage.picture());
    stage.model.notice = None;
    stage.keys("F2");
    assert!(stage.row("shop.Large").contains(said), "{}", stage.picture());
    // Another server has others.
    let found = Discovery { contracts: Contract::built_in().to_vec(), left_out: vec![] };
    stage.send(Msg::Discovered(stage.model.link.id, Asked::Found(found)));
    assert!(!stage.shows("shop.Large"), "{}", stage.picture());
}

#[test]
fn a_line_goes_to_the_open_stream_as_a_message_of_its_own_method() {
    let directory = tempfile::tempdir().unwrap();
    let source = r#"syntax = "proto3"; package a; message M { string x = 1; } message N { int32 y = 1; }
        service A { rpc First(stream M) returns (M); rpc Second(stream N) returns (N); }"#;
    std::fs::write(directory.path().join("a.proto"), source).unwrap();
    let files = protox::compile(["a.proto"], [directory.path()]).unwrap();
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::Reflection).unwrap();
    let second = contracts[0].methods()[1].clone();
    let mut stage = Stage::remote(120, 36);
    stage.send(Msg::Discovered(stage.model.link.id, Asked::Found(Discovery { contracts, left_out: vec![] })));
    stage.keys("a Enter");
    stage.model.pane_mut(Kind::ClientStream).method = Some(second);
    stage.effects.clear();
    stage.keys("b");
    assert!(stage.shows("x ▸ b"), "{}", stage.picture());
    stage.keys("Enter");
    let [Effect::Send(_, messages), ..] = &stage.effects[..] else { panic!("{:?}", stage.effects) };
    assert_eq!(messages[0].message, &b"\x0a\x01b"[..]);
}

#[test]
fn a_live_call_of_another_service_is_seen_and_can_be_ended() {
    let mut stage = shop();
    stage.keys("/ shop.v1.Stock Enter Alt-3");
    stage.send(Msg::Paste(r#"{"id":"a"}"#.to_owned()));
    stage.keys("Enter");
    let live = stage.model.pane(Kind::ClientStream).calls().back().unwrap().id;
    stage.keys("Alt-1 / shop.v1.Chat Enter");
    assert_eq!(stage.model.focus, Kind::Bidi);
    assert!(stage.shows("3 Client stream · none in this service"), "{}", stage.picture());
    assert!(stage.shows("Import"), "{}", stage.picture());
    stage.keys("Alt-3");
    assert_eq!(stage.model.focus, Kind::ClientStream);
    stage.effects.clear();
    stage.send(Msg::Paste(r#"{"id":"b"}"#.to_owned()));
    assert!(stage.shows(r#"json ▸ {"id":"b"}"#), "{}", stage.picture());
    stage.keys("Enter");
    assert!(matches!(stage.effects[..], [Effect::Send(id, _), ..] if id == live), "{:?}", stage.effects);
    stage.effects.clear();
    stage.keys("Ctrl-C");
    assert!(matches!(stage.effects[..], [Effect::Cancel(id)] if id == live), "{:?}", stage.effects);
    // What it ended with stays as long as it is looked at.
    stage.failed(live.0, 5, Code::Cancelled, "", Origin::Trailers);
    assert!(stage.shows("CANCELLED"), "{}", stage.picture());
    stage.keys("Tab");
    assert_eq!(stage.model.focus, Kind::Bidi);
    assert!(!stage.shows("CANCELLED"), "{}", stage.picture());
    assert!(!stage.shows("next pane"), "there is no other: {}", stage.picture());
}

#[test]
fn panes_without_a_method_stand_in_their_order() {
    let mut stage = shop();
    stage.keys("/ shop.v1.Chat Enter");
    let picture = stage.picture();
    let at = |title: &str| picture.lines().position(|row| row.contains(title)).unwrap();
    let rows = ["1 Unary", "2 Server stream", "3 Client stream", "4 Bidi"].map(at);
    assert!(rows.is_sorted(), "{picture}");
    assert!(!stage.shows("introduction"), "no name is a request here: {picture}");
}

#[test]
fn the_service_of_a_server_elsewhere_is_seen_on_a_small_screen_too() {
    let mut stage = shop();
    stage.send(greeter::tui::update::Msg::Resize(80, 24));
    assert!(stage.row("greeter").contains("│ shop.v1."), "{}", stage.picture());
    assert!(stage.shows("F1 help"), "{}", stage.picture());
}

#[test]
fn the_name_that_was_typed_whole_comes_first() {
    let mut stage = shop();
    stage.keys("/ shop.v1.Till");
    let picture = stage.picture();
    let first = picture.lines().find(|row| row.contains("shop.v1.") && row.contains("method")).unwrap();
    assert!(first.contains("shop.v1.Till"), "{picture}");
}

/// A panel's letters are text elsewhere.
#[test]
fn the_palette_says_in_which_panel_a_letter_is_a_command() {
    let mut stage = Stage::new(120, 36);
    stage.keys("/ stop");
    assert!(stage.row("Stop the embedded server").contains("F2 s"), "{}", stage.picture());
}

#[test]
fn the_key_for_every_field_is_shown_where_there_are_several() {
    let stage = shop();
    assert!(stage.row("Ctrl-Q quit").contains("Ctrl-T every field"), "{}", stage.picture());
}

#[test]
fn a_service_without_methods_is_not_put_into_the_panes() {
    let mut stage = shop();
    let empty = "syntax = \"proto3\"; package shop.v1; service Empty {}";
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.proto"), empty).unwrap();
    let files = protox::compile(["a.proto"], [directory.path()]).unwrap();
    let more = Contract::from_descriptor_set(&files.encode_to_vec(), Source::Reflection).unwrap();
    stage.model.offered.extend(more);
    stage.keys("/ v1.Empty Enter");
    assert!(stage.shows("shop.v1.Empty has no methods"), "{}", stage.picture());
    assert!(stage.row("greeter").contains("shop.v1.Cart"), "{}", stage.picture());
}

/// Of a long name the end is seen, and it takes no room from what else the header says.
#[test]
fn a_long_name_of_a_service_leaves_room_for_the_rest_of_the_header() {
    let name = "com.example.extremely.verbose.pkg.v1alpha1.GreeterService";
    let source = format!(
        "syntax = \"proto3\"; package {}; message M {{}} service GreeterService {{ rpc A(M) returns (M); }}",
        name.rsplit_once('.').unwrap().0
    );
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.proto"), source).unwrap();
    let files = protox::compile(["a.proto"], [directory.path()]).unwrap();
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::Reflection).unwrap();
    for (width, height) in [(90, 24), (100, 30), (120, 36)] {
        let mut stage = Stage::remote(width, height);
        let found = Discovery { contracts: contracts.clone(), left_out: vec![] };
        stage.send(Msg::Discovered(stage.model.link.id, Asked::Found(found)));
        stage.keys("{} Enter");
        let header = stage.row("greeter");
        assert!(header.contains("GreeterService") && header.contains("1 live"), "{width}: {header}");
    }
}

#[test]
fn the_palette_finds_a_command_by_its_panel_and_letter() {
    let mut stage = Stage::new(120, 36);
    stage.keys("/");
    stage.send(Msg::Type('f'));
    "2 s".chars().for_each(|c| stage.send(Msg::Type(c)));
    let picture = stage.picture();
    let first = picture.lines().find(|row| row.contains("F2 ")).unwrap_or_else(|| panic!("{picture}"));
    assert!(first.contains("Stop the embedded server"), "{picture}");
}
