//! Reads streams with a parser of its own, so that a fault of ours does not hide itself.

use serde_json::Value;

/// The frames of a stream: event name and JSON.
pub type Frames = Vec<(String, Value)>;

/// Reads a stream into frames, with a parser of its own.
///
/// # Panics
///
/// If a frame has no event name or its data is not JSON: both SDKs drop such a frame.
pub fn frames(bytes: &[u8]) -> Frames {
    let frames = events(bytes).into_iter().map(|(event, data)| {
        assert!(!event.is_empty(), "no event name: {data}");
        let data = serde_json::from_str(&data).unwrap_or_else(|error| panic!("{error}: {data}"));
        (event, data)
    });
    frames.collect()
}

/// The events of a stream, as name and data. The name may be empty. Comments are left out.
///
/// # Panics
///
/// If the stream is not UTF-8, or a frame is neither.
pub fn events(bytes: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(bytes).expect("a stream is UTF-8");
    let frames = text.split("\n\n");
    frames
        .filter(|frame| !frame.trim().is_empty() && !frame.starts_with(':'))
        .map(|frame| {
            let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
            let data = line("data: ").unwrap_or_else(|| panic!("no data: {frame}"));
            (
                line("event: ").unwrap_or_default().to_owned(),
                data.to_owned(),
            )
        })
        .collect()
}
