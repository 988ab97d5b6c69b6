//! Views of requests and their edits.

use super::*;
use crate::{BlockAddress, Request as _, request::testing::text};

fn parse(body: &str) -> Result<Request, RequestError> {
    Request::parse(Bytes::copy_from_slice(body.as_bytes()), &Limits::default())
}

fn blocks(body: &str) -> Vec<Block> {
    let placed = parse(body).unwrap().news().into_iter();
    placed.map(|placed| placed.block).collect()
}

#[test]
fn each_input_is_a_block_and_all_of_them_are_news() {
    let other = |json: &str| Block::Other(json.to_owned());
    assert_eq!(blocks(r#"{"input":"a"}"#), [text("a")]);
    assert_eq!(blocks(r#"{"input":["a","b"]}"#), [text("a"), text("b")]);
    assert_eq!(blocks(r#"{"input":[1, 2]}"#), [other("[1, 2]")]);
    assert_eq!(
        blocks(r#"{"input":[[1],[2]]}"#),
        [other("[1]"), other("[2]")]
    );
    assert_eq!(blocks(r#"{"input":[]}"#), []);
}

#[test]
fn an_input_is_replaced_by_one_text() {
    let mut request = parse(r#"{"model":"m", "input":["a", "b"], "dimensions":1.0}"#).unwrap();
    let second = BlockAddress {
        message: 0,
        block: 1,
    };
    for illegal in [vec![], vec![text("x"), text("y")], vec![text(" ")]] {
        assert!(request.replace(second, &illegal).is_err(), "{illegal:?}");
    }
    assert!(request.append_system("x").is_err());
    assert!(!request.edited());
    request.replace(second, &[text("c")]).unwrap();
    assert_eq!(
        request.body(),
        r#"{"model":"m", "input":["a", "c"], "dimensions":1.0}"#
    );
    let mut tokens = parse(r#"{"input":[1,2]}"#).unwrap();
    let first = BlockAddress {
        message: 0,
        block: 0,
    };
    tokens.replace(first, &[text("x")]).unwrap();
    assert_eq!(tokens.body(), r#"{"input":"x"}"#);
}

#[test]
fn a_body_that_is_no_request_is_refused_and_says_why() {
    for (body, why) in [
        ("{}", "input: this parameter is missing"),
        (r#"{"input":7}"#, "input: a string or an array is expected"),
        (
            r#"{"input":"a","input":"b"}"#,
            "input: this parameter stands twice",
        ),
    ] {
        assert_eq!(parse(body).unwrap_err().to_string(), why);
    }
}
