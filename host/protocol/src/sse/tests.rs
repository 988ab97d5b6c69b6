//! Streams cut and written in every way the standard allows.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

/// Event, data and raw bytes of each frame, the tail included.
type Seen = Vec<(String, Option<String>, Vec<u8>)>;

fn frames<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limit: usize,
) -> Result<Seen, FrameTooLarge> {
    let mut decoder = Decoder::new(limit);
    let mut seen = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut see = |frame: Frame| {
        let data = (!frame.is_loose()).then(|| text(frame.data()));
        seen.push((text(frame.event()), data, frame.raw().to_vec()));
    };
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(frame) = decoder.next_frame()? {
            see(frame);
        }
    }
    decoder.end();
    while let Some(frame) = decoder.next_frame()? {
        see(frame);
    }
    if let Some(tail) = decoder.tail() {
        see(tail);
    }
    Ok(seen)
}

fn check(stream: &str, expected: &[(&str, Option<&str>)]) {
    let seen = frames([stream.as_bytes()], 1 << 20).unwrap();
    let plain: Vec<_> = seen
        .iter()
        .map(|(event, data, _)| (event.as_str(), data.as_deref()))
        .collect();
    assert_eq!(plain, expected, "{stream:?}");
    let raw: Vec<u8> = seen.into_iter().flat_map(|(_, _, raw)| raw).collect();
    assert_eq!(raw, stream.as_bytes());
}

#[test]
fn lines_end_with_lf_crlf_or_cr() {
    for end in ["\n", "\r\n", "\r"] {
        let stream = ["event: a", "data: 1", "", "data: 2", "", ""].join(end);
        check(&stream, &[("a", Some("1")), ("", Some("2"))]);
    }
}

#[test]
fn several_data_lines_are_joined_by_line_feeds() {
    check("data: 1\r\ndata:2\ndata\n\n", &[("", Some("1\n2\n"))]);
}

#[test]
fn one_space_after_the_colon_is_no_part_of_the_value() {
    check("data:  x \nevent:y\n\n", &[("y", Some(" x "))]);
}

#[test]
fn the_last_event_field_counts() {
    check("event: a\nevent: b\ndata: 1\n\n", &[("b", Some("1"))]);
}

#[test]
fn comments_and_blank_lines_are_loose_frames_of_their_own() {
    check(
        ": hi\n\n\ndata: 1\n: inside\n\n",
        &[("", None), ("", None), ("", None), ("", Some("1"))],
    );
}

#[test]
fn unknown_fields_are_carried() {
    check("id: 7\nretry: 5\nfoo\ndata: 1\n\n", &[("", Some("1"))]);
}

#[test]
fn a_byte_order_mark_at_the_start_is_no_part_of_the_first_field() {
    check(
        "\u{feff}data: 1\n\n\u{feff}data: 2\n\n",
        &[("", Some("1")), ("", None)],
    );
    check("\u{feff}: hi\n", &[("", None)]);
}

#[test]
fn a_frame_that_is_cut_off_is_the_tail() {
    check(
        "data: 1\n\nevent: b\ndata: 2",
        &[("", Some("1")), ("b", Some("2"))],
    );
    check("data: 1\n\r", &[("", Some("1"))]);
}

#[test]
fn a_frame_over_the_limit_is_an_error_however_it_is_cut() {
    let stream = b"data: 1\n\ndata: 456\n\n";
    for size in 1..=stream.len() {
        assert!(frames(stream.chunks(size), 11).is_ok());
        assert_eq!(
            frames(stream.chunks(size), 10),
            Err(FrameTooLarge { limit: 10 })
        );
    }
}

#[test]
fn a_large_frame_in_tiny_pieces_is_read_in_linear_time() {
    let stream = format!("data: {}\n\n", "x".repeat(4 << 20));
    let seen = frames(stream.as_bytes().chunks(64), 8 << 20).unwrap();
    assert_eq!(seen.len(), 1);
}

#[test]
fn a_frame_shares_the_bytes_it_came_in() {
    let pushed = Bytes::from(b"data: 1\n\ndata: 2\n\n".to_vec());
    let start = pushed.as_ptr();
    let mut decoder = Decoder::new(100);
    decoder.push(pushed);
    let first = decoder.next_frame().unwrap().unwrap();
    assert_eq!(first.raw().as_ptr(), start);
}

#[test]
fn an_edit_leaves_the_other_bytes_of_its_frame_alone() {
    let edit = |stream: &'static str, range, with| {
        let mut decoder = Decoder::new(1000);
        decoder.push(Bytes::from_static(stream.as_bytes()));
        let frame = decoder
            .next_frame()
            .unwrap()
            .unwrap()
            .with_data(range, with);
        assert!(!frame.is_loose());
        let data = String::from_utf8(frame.data().to_vec()).unwrap();
        let event = String::from_utf8(frame.event().to_vec()).unwrap();
        (
            event,
            data,
            String::from_utf8(frame.into_raw().to_vec()).unwrap(),
        )
    };
    let owned =
        |event: &str, data: &str, raw: &str| (event.to_owned(), data.to_owned(), raw.to_owned());
    assert_eq!(
        edit("id:1\r\ndata:abc\r\nevent: x\r\n\r\n", 1..2, "BBB"),
        owned("x", "aBBBc", "id:1\r\ndata:aBBBc\r\nevent: x\r\n\r\n")
    );
    assert_eq!(
        edit("event: x\ndata: ab\ndata: cd\n\n", 1..1, "!"),
        owned("x", "a!b\ncd", "event: x\ndata: a!b\ndata: cd\n\n")
    );
}

fn streams() -> impl Strategy<Value = Vec<u8>> {
    let bits = prop::sample::select(vec![
        "data", "event", ":", ": ", " ", "x", "é", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n",
        "\u{feff}", "id: 1", "data: {}",
    ]);
    prop::collection::vec(bits, 0..40).prop_map(|bits| bits.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Invariant 2, the first half: any split of the bytes gives the same frames.
    #[test]
    fn any_split_of_the_bytes_gives_the_same_frames(
        stream in streams(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let whole = frames([&stream[..]], 1 << 20).unwrap();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
        prop_assert_eq!(&frames(pieces, 1 << 20).unwrap(), &whole);
        prop_assert_eq!(&frames(stream.chunks(1), 1 << 20).unwrap(), &whole);
        let raw: Vec<u8> = whole.into_iter().flat_map(|(_, _, raw)| raw).collect();
        prop_assert_eq!(raw, stream);
    }

    /// Whatever the limit is, no byte is missing, no more than the limit is kept, and a frame over it ends where it ends.
    #[test]
    fn a_frame_over_the_limit_comes_in_parts(
        stream in streams(), limit in 4..60_usize, size in 1..20_usize,
    ) {
        let (parted, kept) = parted(stream.chunks(size), limit);
        prop_assert_eq!(&parted.concat(), &stream);
        // A CR behind it may be half of an end of a line.
        prop_assert!(kept <= limit + 1, "{} bytes are kept", kept);
        // A mark that begins a stream hides a field anywhere else.
        let mut behind = stream.windows(3).skip(1);
        if behind.any(|bytes| bytes == BYTE_ORDER_MARK) {
            return Ok(());
        }
        let mut each = Seen::new();
        for raw in &parted {
            let frames = frames([&raw[..]], 1 << 20).unwrap();
            prop_assert!(frames.len() <= 1, "several in one: {frames:?}");
            each.extend(frames);
        }
        // A line feed behind the CR of a blank line may be a frame of its own.
        let with_data = |frames: Seen| -> Vec<_> {
            let frames = frames.into_iter();
            frames.filter_map(|(event, data, _)| Some((event, data?))).collect()
        };
        let whole = frames([&stream[..]], 1 << 20).unwrap();
        prop_assert_eq!(with_data(each), with_data(whole));
    }
}

/// The bytes of each frame, its parts put together, and the most that was kept of one when more was asked for.
fn parted<'a>(pieces: impl Iterator<Item = &'a [u8]>, limit: usize) -> (Vec<Vec<u8>>, usize) {
    let mut decoder = Decoder::new(limit);
    let (mut frames, mut kept, mut most) = (Vec::<Vec<u8>>::new(), 0, 0);
    let mut is_within = false;
    let mut take = |decoder: &mut Decoder, kept: &mut usize| {
        while let Some(part) = decoder.next_part() {
            let bytes = match part {
                Part::Frame(frame) | Part::Beginning(frame) => frame.into_raw(),
                Part::More(bytes) => bytes,
            };
            *kept -= bytes.len();
            match frames.last_mut().filter(|_| is_within) {
                Some(frame) => frame.extend_from_slice(&bytes),
                None => frames.push(bytes.to_vec()),
            }
            is_within = decoder.is_within_frame();
        }
    };
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        kept += piece.len();
        take(&mut decoder, &mut kept);
        most = most.max(kept);
    }
    decoder.end();
    take(&mut decoder, &mut kept);
    frames.extend(decoder.tail().map(|tail| tail.into_raw().to_vec()));
    (frames, most)
}

#[test]
fn the_beginning_of_a_frame_over_the_limit_has_its_name_and_the_beginning_of_its_data() {
    let beginning = |stream: &str, limit| {
        let mut decoder = Decoder::new(limit);
        decoder.push(Bytes::copy_from_slice(stream.as_bytes()));
        let Some(Part::Beginning(frame)) = decoder.next_part() else {
            panic!("{stream:?} is a frame of at most {limit} bytes");
        };
        assert_eq!(frame.raw()[..], stream.as_bytes()[..limit]);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(frame.event()), text(frame.data()))
    };
    let owned = |event: &str, data: &str| (event.to_owned(), data.to_owned());
    let stream = "event: name\ndata: 123\ndata: 456\n\n";
    assert_eq!(beginning(stream, 20), owned("name", "12"));
    assert_eq!(beginning(stream, 30), owned("name", "123\n45"));
    assert_eq!(beginning(stream, 9), owned("", ""), "a part of a name");
    let marked = "\u{feff}data: 12345\n\n";
    assert_eq!(beginning(marked, 12), owned("", "123"));
}
