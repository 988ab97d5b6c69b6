//! The scanner against `serde_json`, and edits against what they must leave alone.

use proptest::prelude::*;

use super::*;

fn ok(text: &str) -> bool {
    check(text, MAX_DEPTH).is_ok()
}

#[test]
fn what_rfc_8259_allows_is_valid() {
    for text in [
        "0",
        "-0",
        "-1.5e+10",
        "1E5",
        "true",
        "false",
        "null",
        "\"\"",
        "[]",
        "{}",
        " [ ] ",
        "{ \"a\" : [ 1 , { } ] }",
        "\"\\u00e9\\ud83d\\ude00\\n\\/\"",
        "\"\\ud800\"",
        "\"é\u{7f}\"",
    ] {
        assert!(ok(text), "{text}");
    }
}

#[test]
fn what_rfc_8259_forbids_is_a_fault() {
    for text in [
        "",
        " ",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "tru",
        "nul",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12",
        "\"a\nb\"",
        "\"\u{1}234567890\"",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "[1}",
        "{\"a\":1]",
        "1 2",
        "[] x",
        "'a'",
        "NaN",
        "\u{feff}1",
    ] {
        assert!(!ok(text), "{text}");
    }
}

#[test]
fn nesting_over_the_bound_is_a_fault() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(ok(&nested(128)));
    assert!(!ok(&nested(129)));
    assert!(check(&nested(3), 2).is_err());
    assert!(!ok(&"[".repeat(1_000_000)));
    assert!(!ok(&"{\"a\":".repeat(1_000_000)));
}

#[test]
fn a_key_that_stands_twice_is_a_fault_also_when_one_is_escaped() {
    assert!(fields(br#"{"a":1,"b":2,"b":3}"#, ["a"]).is_ok());
    assert!(fields(br#"{"a":1,"a":2}"#, ["a"]).is_err());
    assert!(fields(br#"{"a":1,"\u0061":2}"#, ["a"]).is_err());
}

#[test]
fn removing_entries_leaves_a_list() {
    let text = b"[ 1 , 2 ,3,4 ]";
    for gone in 0..16_usize {
        let edits = removals(&elements(text), |at| gone >> at & 1 == 1);
        let left = String::from_utf8(splice(text, edits)).unwrap();
        let left: Vec<u32> = serde_json::from_str(&left).unwrap();
        let expected: Vec<u32> = (1..=4).filter(|n| gone >> (n - 1) & 1 == 0).collect();
        assert_eq!(left, expected);
    }
}

#[test]
fn fields_are_set_and_added_without_touching_others() {
    let set = |object, values| set_fields::<2>(object, values).unwrap();
    let values = || [("a", Some("1".to_owned())), ("b", Some("\"x\"".to_owned()))];
    assert_eq!(set("{}", values()), r#"{"a":1,"b":"x"}"#);
    assert_eq!(set("{ \"z\": 0 }", values()), r#"{ "z": 0,"a":1,"b":"x" }"#);
    assert_eq!(
        set(r#"{"b" : null, "z":0}"#, values()),
        r#"{"b" : "x", "z":0,"a":1}"#
    );
}

#[test]
fn half_a_surrogate_pair_reads_as_a_replacement_character() {
    assert_eq!(unescape(br"a\ud800b"), "a\u{fffd}b");
    assert_eq!(unescape(br"\ud83d\ude00"), "\u{1f600}");
    assert_eq!(unescape(br"\ud83d\u0041"), "\u{fffd}A");
}

#[test]
fn fields_are_found_in_an_object_that_is_cut_off() {
    let text = br#"{"a":{"type":"x"},"type":"y","b":[1,2],"c":"long"#;
    let found = |length: usize| {
        let text = &text[..length];
        let found = begun_fields(text, ["type", "b", "c"]);
        found.map(|found| found.map(|found| String::from_utf8(found.bytes(text).to_vec()).unwrap()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        found(text.len()),
        [some("\"y\""), some("[1,2]"), some("\"long")]
    );
    assert_eq!(found(36), [some("\"y\""), some("[1,"), None]);
    assert_eq!(found(26), [some("\""), None, None]);
    assert_eq!(found(20), [None, None, None]);
    assert_eq!(begun_fields(b"no JSON", ["type"]), [None]);
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,24}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::hash_map("[a-z\"\\\\é]{0,6}", inner, 0..6)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_json_is_valid_and_stays_so_only_where_serde_agrees(
        value in json(), pretty: bool, at: prop::sample::Index, byte in prop::sample::select(&b"\"\\{}[],: 0e.-u\n\x01a"[..]),
    ) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        prop_assert!(ok(&text));
        let mut broken = text.into_bytes();
        let at = at.index(broken.len());
        broken[at] = byte;
        if let Ok(broken) = String::from_utf8(broken) {
            // `serde_json` refuses half surrogates and numbers out of range, which RFC 8259 allows.
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&broken);
            prop_assert_eq!(ok(&broken), theirs.is_ok(), "{}", broken);
        }
    }

    #[test]
    fn a_quoted_text_reads_as_itself(text in "\\PC{0,40}|[\\x00-\\x7f]{0,40}") {
        let quoted = quote(&text);
        prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text.clone());
        prop_assert_eq!(unescape(&quoted.as_bytes()[1..quoted.len() - 1]), text);
    }
}
