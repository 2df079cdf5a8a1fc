//! Rows against prost-reflect's own JSON: for any valid message they say the same.

#![allow(clippy::unwrap_used)]

mod schema_support;

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::DynamicMessage;
use schema_support::{Maker, everything, json, reference};

proptest! {
    #[test]
    fn a_row_says_what_prost_reflect_says(seed: u64) {
        let message = Maker { seed }.message(&reference(), 30);
        let ours = json(&everything(), &message.encode_to_vec());
        let theirs = serde_json::to_string(&message).unwrap();
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        prop_assert_eq!(parsed(&ours), parsed(&theirs));
    }

    #[test]
    fn a_line_becomes_what_prost_reflect_reads(seed: u64) {
        let line = serde_json::to_string(&Maker { seed }.message(&reference(), 30)).unwrap();
        let ours = everything().encode(&line).unwrap();
        let mut json = serde_json::Deserializer::from_str(&line);
        let theirs = DynamicMessage::deserialize(reference(), &mut json).unwrap();
        // The fields in an `Any` may lie in another order.
        if line.contains("@type") {
            return Ok(());
        }
        // Their `Debug` does not end where a type holds itself.
        prop_assert!(DynamicMessage::decode(reference(), ours).unwrap() == theirs, "{}", line);
    }

    #[test]
    fn a_row_can_be_typed_again(seed: u64) {
        let message = Maker { seed }.message(&reference(), 30);
        let row = json(&everything(), &message.encode_to_vec());
        let again = everything().encode(&row).unwrap();
        prop_assert_eq!(json(&everything(), &again), row);
    }
}
