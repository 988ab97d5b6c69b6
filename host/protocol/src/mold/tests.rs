//! What fits a mold, and what does not.

use super::*;

const MODEL: &str = "event: e\r\ndata: {\"n\":7,\"t\":\"a\",\"obfuscation\":\"x\"}\r\n\r\n";

fn frame(n: &str, text: &str, padding: &str) -> String {
    format!(
        "event: e\r\ndata: {{\"n\":{n},\"t\":\"{text}\",\"obfuscation\":\"{padding}\"}}\r\n\r\n"
    )
}

/// A decoder behind the model, and what is like the model.
fn behind_the_model(model: &str, rest: &str) -> (Decoder, Mold) {
    let mut decoder = Decoder::new(1000);
    decoder.push(Bytes::from([model, rest].concat()));
    let frame = decoder.next_frame().unwrap().unwrap();
    let [number, text] = fields(frame.data(), ["n", "t"]).unwrap();
    let mut mold = Mold::default();
    mold.fill(&frame, text, number);
    (decoder, mold)
}

fn run(model: &str, rest: &str) -> (usize, Vec<(String, Option<u64>)>) {
    let (mut decoder, mut mold) = behind_the_model(model, rest);
    let mut seen = Vec::new();
    let taken = mold.take_run(&mut decoder, |bytes, fit| {
        let said = String::from_utf8(fit.said(bytes).to_vec()).unwrap();
        seen.push((said, fit.number));
        Run::GoesOn
    });
    (taken.map_or(0, |bytes| bytes.len()), seen)
}

#[test]
fn frames_that_differ_in_their_values_alone_are_taken_in_a_row() {
    let like = [
        frame("8", " b\\n\u{e9}", "yyyyyy"),
        frame("0", "\\\"", "z"),
        frame("123456789012345", &"c".repeat(200), "z"),
    ];
    let (taken, seen) = run(MODEL, &like.concat());
    assert_eq!(taken, like.concat().len());
    assert_eq!(seen[0], (" b\\n\u{e9}".to_owned(), Some(8)));
    assert_eq!(seen[1].0, "\\\"");
    assert_eq!(seen[2].1, Some(123_456_789_012_345));
}

#[test]
fn what_may_read_otherwise_than_the_model_is_not_taken() {
    for other in [
        frame("08", "b", "x"),
        frame("-8", "b", "x"),
        frame("8.0", "b", "x"),
        frame("8e1", "b", "x"),
        frame("", "b", "x"),
        frame("1234567890123456", "b", "x"),
        frame("8", "", "x"),
        frame("8", "b", ""),
        frame("8", "\\x", "x"),
        frame("8", "\\u00g0", "x"),
        frame("8", "\u{1}", "x"),
        frame("8", "b\n", "x"),
        frame("8", "b\r", "x"),
        frame("8", "b\",\"t\":\"c", "x"),
        frame("8", "b\",\"u\":\"c", "x"),
        frame("8", "b", "x").replace("\r\n\r\n", "\n\n"),
        frame("8", "b", "x").replace("event: e", "event: f"),
        frame("8", "b", "x").replace("\"n\"", "\"m\""),
        frame("8", "b", "x").replace("{", "{ "),
        frame("8", "b", "x").trim_end().to_owned(),
        frame("8", &"b".repeat(1000), "x"),
    ] {
        assert_eq!(run(MODEL, &other), (0, Vec::new()), "{other:?}");
    }
}

#[test]
fn text_that_is_not_utf_8_is_not_taken() {
    let (mut decoder, mut mold) = behind_the_model(MODEL, "");
    let mut like = frame("8", "b?", "x").into_bytes();
    let place = like.iter().position(|byte| *byte == b'?').unwrap();
    like[place] = 0xff;
    decoder.push(Bytes::from(like));
    assert_eq!(mold.take_run(&mut decoder, |_, _| Run::GoesOn), None);
}

#[test]
fn a_frame_that_others_cannot_be_told_by_is_no_model() {
    let like = frame("8", "b", "x");
    for model in [
        // The next byte could belong to it.
        MODEL.replace("\r\n\r\n", "\r\r").as_str(),
        MODEL.replace("data:", "data: \r\ndata:").as_str(),
        &format!("\u{feff}{MODEL}"),
        "data: {\"n\":7,\"t\":\"a\"}\nevent: e\n\n",
        &frame("7", "", "x"),
        &frame("07.0", "a", "x").replace("07.0", "7.0"),
    ] {
        let again = model.trim_start_matches('\u{feff}');
        assert_eq!(run(model, again).0, 0, "{model:?}");
        assert_eq!(run(model, &like).0, 0, "{model:?}");
    }
}

#[test]
fn a_frame_is_taken_once_it_is_complete() {
    let like = frame("8", "b", "x");
    for at in 0..like.len() {
        let (mut decoder, mut mold) = behind_the_model(MODEL, &like[..at]);
        assert_eq!(mold.take_run(&mut decoder, |_, _| Run::GoesOn), None);
        assert_eq!(decoder.next_frame(), Ok(None));
        decoder.push(Bytes::from(like[at..].to_owned()));
        let taken = mold.take_run(&mut decoder, |_, _| Run::GoesOn);
        assert_eq!(taken, Some(Bytes::from(like.clone())), "cut at {at}");
        decoder.push(Bytes::from_static(b"data: next\n\n"));
        let next = decoder.next_frame().unwrap().unwrap();
        assert_eq!(next.data(), b"next");
        assert!(next.event().is_empty());
    }
}

#[test]
fn a_mold_that_never_fits_is_given_up() {
    let (_, mut mold) = behind_the_model(MODEL, "");
    let frame = Frame::new("", r#"{"t":"a"}"#);
    let [text] = fields(frame.data(), ["t"]).unwrap();
    for _ in 0..MAX_MISSES {
        mold.fill(&frame, text, None);
    }
    assert!(!mold.is_wanted());
}
