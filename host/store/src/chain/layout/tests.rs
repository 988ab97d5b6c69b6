//! Any body with any cuts comes back, and what agents move does not show in the blocks.

use proptest::prelude::*;

use super::super::shell::Patcher;
use super::*;

fn joined(layout: &Layout) -> Vec<u8> {
    let shell = Shell::decode(&layout.shell.encode(true)).unwrap();
    let mut patcher = Patcher::new(shell.removed);
    let mut out = Vec::new();
    for piece in layout.chains.iter().flatten() {
        patcher.pass(&piece.frame, &mut out);
        patcher.pass(&piece.block, &mut out);
    }
    patcher.pass(&shell.tail, &mut out);
    out
}

fn cut(range: Range<usize>, kind: &'static str) -> Cut {
    let (kind, role) = (kind.into(), None);
    Cut { range, kind, role }
}

fn body(text: &str, blocks: &[(&str, &'static str)]) -> Body {
    let place = |(block, kind): &(&str, &'static str)| {
        let at = text.find(block).expect("the block stands in the body");
        cut(at..at + block.len(), kind)
    };
    Body {
        bytes: text.to_owned().into(),
        cuts: blocks.iter().map(place).collect(),
        ..Body::default()
    }
}

#[test]
fn a_moved_cache_control_leaves_blocks_and_positions_alike() {
    let control = r#","cache_control":{"type":"ephemeral"}"#;
    let turn = |first: &str, second: &str| {
        let one = format!(r#"{{"text":"one"{first}}}"#);
        let two = format!(r#"{{"text":"two"{second}}}"#);
        let text = format!(r#"{{"messages":[{one},{two}],"max_tokens":1}}"#);
        Layout::new(&body(&text, &[(&one, "text"), (&two, "text")]))
    };
    let (before, after) = (turn(control, ""), turn("", control));
    assert_eq!(before.chains, after.chains);
    assert_ne!(before.shell, after.shell);
    assert_eq!(before.chains[0][1].block, r#"{"text":"two"}"#);
}

#[test]
fn what_stands_behind_a_conversation_is_a_chain_of_its_own() {
    let text = r#"{"messages":["a","b"],"system":["s"],"tools":["t"]}"#;
    let blocks = [
        (r#""a""#, "text"),
        (r#""b""#, "text"),
        (r#""s""#, "system"),
        (r#""t""#, "tool"),
    ];
    let layout = Layout::new(&body(text, &blocks));
    let lengths: Vec<_> = layout.chains.iter().map(Vec::len).collect();
    assert_eq!(lengths, [2, 1, 1]);
    assert_eq!(layout.chains[1][0].frame, r#"],"system":["#);
    assert_eq!(layout.shell.tail, "]}");
}

#[test]
fn chains_are_bounded_however_often_the_side_changes() {
    let text = "ab".repeat(50);
    let kinds = ["text", "system"].into_iter().cycle();
    let cuts = kinds.take(100).enumerate();
    let whole = Body {
        bytes: text.clone().into(),
        cuts: cuts.map(|(at, kind)| cut(at..at + 1, kind)).collect(),
        ..Body::default()
    };
    let layout = Layout::new(&whole);
    assert_eq!(layout.chains.len(), CHAINS);
    assert_eq!(joined(&layout), text.as_bytes());
}

#[test]
fn long_runs_between_blocks_become_blocks() {
    let text = format!("{}x{}", "a".repeat(PIECE + FRAME), "b".repeat(PIECE + 1));
    let whole = body(&text, &[("x", "text")]);
    let layout = Layout::new(&whole);
    let pieces = &layout.chains[0];
    assert_eq!(pieces.len(), 5);
    assert!(pieces.iter().all(|piece| piece.frame.len() <= FRAME));
    assert!(pieces.iter().all(|piece| piece.block.len() <= PIECE));
    assert_eq!(joined(&layout), text.as_bytes());
}

/// Bytes in which `cache_control` turns up, whole and broken.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        Just(br#","cache_control":{"type":"ephemeral"}"#.to_vec()),
        Just(br#""cache_control" : {"a":{"b":"}\""}},"#.to_vec()),
        Just(br#""cache_control":{"#.to_vec()),
        Just(b"{\"text\":\"x\"}".to_vec()),
        Just(vec![b'x'; 600]),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// Cuts of any kind, also such that break the rules.
fn cuts() -> impl Strategy<Value = Vec<Cut>> {
    let kind = prop_oneof![Just("text"), Just("system"), Just("tool"), Just("")];
    let one = (0_usize..2000, 0_usize..60, kind)
        .prop_map(|(at, length, kind)| cut(at..at + length, kind));
    let sorted = |mut cuts: Vec<Cut>| {
        cuts.sort_by_key(|cut| cut.range.start);
        cuts
    };
    proptest::collection::vec(one, 0..40).prop_map(sorted)
}

proptest! {
    #[test]
    fn any_body_with_any_cuts_comes_back(bytes in bytes(), cuts in cuts()) {
        let body = Body { bytes: bytes.clone().into(), cuts, ..Body::default() };
        let layout = Layout::new(&body);
        prop_assert_eq!(joined(&layout), bytes);
        let pieces = layout.chains.iter().flatten();
        prop_assert!(pieces.clone().all(|piece| piece.frame.len() <= FRAME));
        prop_assert!(layout.chains.iter().all(|chain| !chain.is_empty()));
    }

    #[test]
    fn frames_come_back(steps in proptest::collection::vec((0_usize..100_000, 0_u64..10_000_000), 0..50)) {
        let mut frames = Vec::new();
        let (mut end, mut after) = (0, 0);
        for (more, later) in steps {
            end += more;
            after += later;
            frames.push(crate::message::Frame { end, after: std::time::Duration::from_micros(after) });
        }
        let packed = super::super::encode_frames(&frames, true);
        prop_assert_eq!(super::super::decode_frames(&packed).unwrap(), frames);
    }
}
