//! Frames that every client cuts alike.
//!
//! Clients differ from the WHATWG standard in how they take a stream apart: some trim each line, some split it wherever
//! Unicode ends a line (Python's `str.splitlines`), some take each line of data for an event. A frame is plain if all of
//! them find the same event and the same data in it.

/// Whether some clients end a line in these bytes and others do not: at a vertical tab, a form feed, one of the separators
/// 0x1c to 0x1e. JSON has no place for them.
pub(crate) fn has_separators(bytes: &[u8]) -> bool {
    let is_control = |byte: &u8| matches!(byte, 0x0b | 0x0c | 0x1c..=0x1e);
    bytes.iter().any(is_control)
}

/// The same for NEL and for the separators of lines and paragraphs, which may stand in the strings of JSON.
pub(crate) fn has_wide_separators(bytes: &[u8]) -> bool {
    memchr::memchr2_iter(0xc2, 0xe2, bytes).any(|at| {
        let behind = bytes.get(at + 1..).unwrap_or_default();
        match bytes[at] {
            0xc2 => behind.starts_with(b"\x85"),
            _ => behind.starts_with(b"\x80\xa8") || behind.starts_with(b"\x80\xa9"),
        }
    })
}

/// `json` with escapes in the place of separators, which can stand in its strings alone.
pub(crate) fn escaped(json: &str) -> String {
    json.replace('\u{85}', "\\u0085")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::sse::Decoder;

    fn plain(stream: &'static [u8]) -> bool {
        let mut decoder = Decoder::new(1000);
        decoder.push(Bytes::from_static(stream));
        decoder.end();
        decoder.next_frame().unwrap().unwrap().is_plain()
    }

    #[test]
    fn a_frame_is_plain_if_all_clients_cut_it_alike() {
        for frame in [
            &b"data: {}\n\n"[..],
            b"data:{}\n\n",
            b"event: x\r\ndata: {}\r\n\r\n",
            b"id: 7\nevent: x\ndata: {}\n\n",
            b": note\n",
            b"\n",
            "data: \"\u{e9}\u{2020}\"\n\n".as_bytes(),
        ] {
            assert!(plain(frame), "{}", String::from_utf8_lossy(frame));
        }
        for frame in [
            &b"\xef\xbb\xbfdata: {}\n\n"[..],
            b" data: {}\ndata: {}\n\n",
            b"data: {}\rdata: {}\n\n",
            b"data: {\ndata: }\n\n",
            b"data: {}\nevent: x\n\n",
            b"event: x\nevent: y\ndata: {}\n\n",
            b"event: x\n\n",
            b"Data: {}\ndata: {}\n\n",
            b": note\x0bdata: {}\n",
            "data: \"\u{2028}data: {}\"\n\n".as_bytes(),
            "data: \"\u{85}\"\n\n".as_bytes(),
        ] {
            assert!(!plain(frame), "{}", String::from_utf8_lossy(frame));
        }
    }

    #[test]
    fn separators_are_escaped() {
        assert_eq!(
            escaped("\"a\u{2028}\u{85}\u{2029}\u{e9}\""),
            "\"a\\u2028\\u0085\\u2029\u{e9}\""
        );
    }
}
