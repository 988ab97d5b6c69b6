//! What fits a template, and what does not.

use super::*;

const MODEL: &str = "event: e\r\ndata: {\"n\":7,\"t\":\"a\",\"obfuscation\":\"x\"}\r\n\r\n";

fn frame(n: &str, text: &str, padding: &str) -> String {
    format!(
        "event: e\r\ndata: {{\"n\":{n},\"t\":\"{text}\",\"obfuscation\":\"{padding}\"}}\r\n\r\n"
    )
}

/// A decoder behind the model, and what is like the model.
fn behind_the_model(model: &str, rest: &str) -> (Decoder, FrameTemplate) {
    let mut decoder = Decoder::new(1000);
    decoder.push(Bytes::from([model, rest].concat()));
    let frame = decoder.next_frame().unwrap().unwrap();
    let [number, text] = fields(frame.data(), ["n", "t"]).unwrap();
    let mut template = FrameTemplate::default();
    template.fill(&frame, text, number);
    (decoder, template)
}

fn run(model: &str, rest: &str) -> (usize, Vec<(String, Option<u64>)>) {
    let (mut decoder, mut template) = behind_the_model(model, rest);
    let mut seen = Vec::new();
    let taken = template.take_run(&mut decoder, |bytes, fit| {
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
        // The quote behind it ends nothing.
        frame("8", "b\\", "x"),
        frame("8", "b", "x\\"),
        frame("8", "b", "x").replace("\"b\"", "null"),
        frame("8", "b", "x").replace("\"b\"", "b\""),
        frame("8", "b", "x").replace("\"x\"", "null"),
        frame("\"8\"", "b", "x"),
        frame(" 8", "b", "x"),
        frame("8 ", "b", "x"),
        frame("8", "b", "x").replace("data:", ": a comment\r\ndata:"),
        frame("8", "b", "x").replace("data:", "id: 1\r\ndata:"),
        frame("8", "b", "x").replace("event: e", "event: e\r\nevent: f"),
        frame("8", "b", "x").replace("data:", "data: \r\ndata:"),
        frame("8", "b", "x").replace("\r\n\r\n", "\r\nid: 1\r\n\r\n"),
        frame("8", "b", "x").replace("\r\n\r\n", "\r\ndata: x\r\n\r\n"),
        frame("8", "b", "x").replace("\r\n\r\n", "\r\n: x\r\n\r\n"),
        frame("8", "b", "x").replace("\r\n\r\n", "\r\nevent: f\r\n\r\n"),
        frame("8", "b", "x").replace("\r\n\r\n", "\r\r"),
        [": between\r\n\r\n", &frame("8", "b", "x")].concat(),
        frame("8", "b", "x").replace("\r\n\r\n", "\n\n"),
        frame("8", "b", "x").replace("event: e", "event: f"),
        frame("8", "b", "x").replace("\"n\"", "\"m\""),
        frame("8", "b", "x").replace("\"t\"", "\"u\""),
        frame("8", "b", "x").replace("\"obfuscation\"", "\"obfuscatiom\""),
        frame("8", "b", "x").replace("{", "{ "),
        frame("8", "b", "x").trim_end().to_owned(),
        frame("8", &"b".repeat(1000), "x"),
    ] {
        assert_eq!(run(MODEL, &other), (0, Vec::new()), "{other:?}");
    }
}

#[test]
fn text_that_is_not_utf_8_is_not_taken() {
    let (mut decoder, mut template) = behind_the_model(MODEL, "");
    let mut like = frame("8", "b?", "x").into_bytes();
    let place = like.iter().position(|byte| *byte == b'?').unwrap();
    like[place] = 0xff;
    decoder.push(Bytes::from(like));
    assert_eq!(template.take_run(&mut decoder, |_, _| Run::GoesOn), None);
}

#[test]
fn what_comes_between_ends_the_run() {
    let like = frame("8", "b", "x");
    for between in [
        ": a comment\r\n",
        "id: 1\r\n",
        "\r\n",
        "data: {}\r\n\r\n",
        "\u{feff}",
    ] {
        let rest = [&like, &like, between, &like].concat();
        assert_eq!(run(MODEL, &rest).0, 2 * like.len(), "{between:?}");
    }
}

#[test]
fn a_frame_as_large_as_the_limit_is_taken_and_a_larger_one_is_not() {
    let least = frame("8", "", "x").len();
    let [fits, larger] = [1000, 1001].map(|size| frame("8", &"b".repeat(size - least), "x"));
    assert_eq!(run(MODEL, &fits).0, 1000);
    assert_eq!(run(MODEL, &larger).0, 0);
    let rest = [&fits[..], &fits, &larger].concat();
    assert_eq!(run(MODEL, &rest).0, 2000);
}

#[test]
fn padding_that_is_no_string_has_to_be_the_same() {
    let model = MODEL.replace("\"x\"", "[1]");
    assert_eq!(run(&model, &model).0, model.len());
    assert_eq!(run(&model, &model.replace("[1]", "[2]")).0, 0);
}

#[test]
fn a_run_ends_where_it_is_told_to() {
    let like = frame("8", "b", "x");
    let (mut decoder, mut template) = behind_the_model(MODEL, &like.repeat(3));
    let taken = template.take_run(&mut decoder, |_, _| Run::Ends);
    assert_eq!(taken, Some(Bytes::from(like.clone())));
    let taken = template.take_run(&mut decoder, |_, _| Run::GoesOn);
    assert_eq!(taken, Some(Bytes::from(like.repeat(2))));
}

#[test]
fn text_with_long_runs_of_other_scripts_is_checked_to_its_end() {
    let long = "\u{e9}\u{1f980}".repeat(50);
    let like = frame("8", &long, &long);
    assert_eq!(run(MODEL, &like).0, like.len());
    let last = like.rfind('\u{1f980}').unwrap();
    for (at, byte) in [(last + 3, b'x'), (last, 0x80), (last, 0xff)] {
        let (mut decoder, mut template) = behind_the_model(MODEL, "");
        let mut damaged = like.clone().into_bytes();
        damaged[at] = byte;
        decoder.push(Bytes::from(damaged));
        assert_eq!(template.take_run(&mut decoder, |_, _| Run::GoesOn), None);
    }
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
        assert_eq!(run(model, model).0, 0, "{model:?}");
        assert_eq!(run(model, &like).0, 0, "{model:?}");
    }
}

#[test]
fn a_frame_is_taken_once_it_is_complete() {
    let like = frame("8", "b", "x");
    for at in 0..like.len() {
        let (mut decoder, mut template) = behind_the_model(MODEL, &like[..at]);
        assert_eq!(template.take_run(&mut decoder, |_, _| Run::GoesOn), None);
        assert_eq!(decoder.next_frame(), Ok(None));
        decoder.push(Bytes::from(like[at..].to_owned()));
        let taken = template.take_run(&mut decoder, |_, _| Run::GoesOn);
        assert_eq!(taken, Some(Bytes::from(like.clone())), "cut at {at}");
        decoder.push(Bytes::from_static(b"data: next\n\n"));
        let next = decoder.next_frame().unwrap().unwrap();
        assert_eq!(next.data(), b"next");
        assert!(next.event().is_empty());
    }
}

#[test]
fn a_mold_that_never_fits_is_given_up() {
    let (_, mut template) = behind_the_model(MODEL, "");
    let frame = Frame::new("", r#"{"t":"a"}"#);
    let [text] = fields(frame.data(), ["t"]).unwrap();
    for _ in 0..MAX_MISSES {
        template.fill(&frame, text, None);
    }
    assert!(!template.is_wanted());
}

/// A template that was filled by this many models in a row of which nothing came.
fn missed(count: u32, rest: &str) -> (Decoder, FrameTemplate) {
    let (decoder, mut template) = behind_the_model(MODEL, rest);
    let frame = Frame::new("", r#"{"t":"a"}"#);
    let [text] = fields(frame.data(), ["t"]).unwrap();
    for _ in 0..count {
        template.fill(&frame, text, None);
    }
    (decoder, template)
}

#[test]
fn a_mold_that_fits_now_and_then_is_not_given_up() {
    let frame = Frame::new("", r#"{"t":"a"}"#);
    let like = String::from_utf8(frame.raw().to_vec()).unwrap();
    let (mut decoder, mut template) = missed(MAX_MISSES - 1, &like);
    assert!(
        template
            .take_run(&mut decoder, |_, _| Run::GoesOn)
            .is_some()
    );
    let [text] = fields(frame.data(), ["t"]).unwrap();
    for _ in 0..MAX_MISSES {
        assert!(template.is_wanted());
        template.fill(&frame, text, None);
    }
    assert!(!template.is_wanted());
}

#[test]
fn a_mold_that_is_given_up_is_not_filled_again() {
    let frame = Frame::new("", r#"{"t":"a"}"#);
    let [text] = fields(frame.data(), ["t"]).unwrap();
    let like = String::from_utf8(frame.raw().to_vec()).unwrap();
    let (mut decoder, mut template) = missed(0, &like);
    template.give_up();
    template.fill(&frame, text, None);
    assert_eq!(template.take_run(&mut decoder, |_, _| Run::GoesOn), None);
}

#[test]
fn a_mold_is_like_the_latest_model_alone() {
    let latest = Frame::new("", r#"{"t":"a"}"#);
    let latest = String::from_utf8(latest.raw().to_vec()).unwrap();
    let (mut decoder, mut template) = missed(1, &[&latest, MODEL].concat());
    let taken = template.take_run(&mut decoder, |_, _| Run::GoesOn);
    assert_eq!(taken, Some(Bytes::from(latest)));
    template.clear();
    assert_eq!(template.take_run(&mut decoder, |_, _| Run::GoesOn), None);
}
